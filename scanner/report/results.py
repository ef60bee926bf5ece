"""results.json: what an audit found, as plain data. On disk before anything is rendered.

Its shape is ``results.schema.json``. Writing and reading do not validate (tests do); they only
make sure that no NaN gets in or out.
"""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

from scanner.errors import DatascanError
from scanner.files import write_atomic

SCHEMA_VERSION = "1.0"


def write_results(results: Mapping[str, Any], path: Path) -> None:
    """Write ``results`` with sorted keys, whole or not at all.

    Raises ValueError for NaN and infinity, before any file is touched.
    """
    text = json.dumps(results, indent=2, sort_keys=True, ensure_ascii=True, allow_nan=False)
    write_atomic(text + "\n", path)


def read_results(path: Path) -> dict[str, Any]:
    """The results in ``path``; DatascanError if it holds no results of this schema version."""
    try:
        results = json.loads(path.read_text("utf-8"), parse_constant=_refuse_constant)
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, f"{type(error).__name__}: {error}") from error
    if not isinstance(results, dict):
        raise _unreadable(path, f"a JSON {type(results).__name__}")
    if results.get("schema_version") != SCHEMA_VERSION:
        raise _unreadable(path, f"schema_version {results.get('schema_version')!r}")
    return results


def load_schema() -> dict[str, Any]:
    """The JSON schema of results.json."""
    text = files("scanner.report").joinpath("results.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unreadable(path: Path, found: str) -> DatascanError:
    return DatascanError(
        f"{path}: found {found}; expected results of schema version {SCHEMA_VERSION}; "
        "give the results.json of a datascan audit, or run the audit again"
    )
