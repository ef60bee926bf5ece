"""Holds a results file against its schema, so that no report is made of half a file."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from scanner.errors import ReportError
from scanner.report.results import read_results
from scanner.report.text import shorten

_SHOWN = 100


def checked_results(path: Path) -> dict[str, Any]:
    """The results in ``path``, known to fit ``results.schema.json``.

    An audit that did not finish is read too: its report says so, and it never passes a gate.
    Raises ``ReportError`` for everything else.
    """
    results = read_results(path)
    error = next(Draft202012Validator(load_schema()).iter_errors(results), None)
    if error is not None:
        raise ReportError(f"{path}: {_explain(error)}; take the file as the audit wrote it")
    return results


def load_schema() -> dict[str, Any]:
    """The JSON schema of results.json."""
    text = files("scanner.report").joinpath("results.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _explain(error: ValidationError) -> str:
    where = shorten("/".join(str(step) for step in error.absolute_path), _SHOWN) or "the top"
    if error.validator in ("required", "additionalProperties"):
        found, wanted = shorten(error.message, _SHOWN), "the fields of results.schema.json"
    else:  # the library's own message repeats the whole value
        found = shorten(json.dumps(error.instance), _SHOWN)
        wanted = shorten(f"{error.validator} {json.dumps(error.validator_value)}", _SHOWN)
    return f"found {found} at {where}; expected {wanted}"
