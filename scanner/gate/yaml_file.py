"""Reads the small YAML files that steer the gate, without any of YAML's surprises.

Whoever sends a merge request may have written them: they are bounded in size, and hold plain values
only (``plain_yaml``).
"""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from scanner.errors import GateError
from scanner.files import unread
from scanner.report.text import safe_text, shorten

MAX_BYTES = 256 * 1024
_SHOWN = 60
ModelT = TypeVar("ModelT", bound=BaseModel)


class Closed(BaseModel):
    """A part of such a file: unknown keys and values of another type are errors."""

    # Built when first needed: a verification that reads no such file does not wait for them.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def load_yaml(path: Path, model: type[ModelT]) -> ModelT:
    """The file's content, checked. Raises GateError, which names the file and the key."""
    from scanner.gate.plain_yaml import PlainYamlError, plain_value  # here: most need no YAML

    content = _read(path)
    try:
        value = plain_value(content)
        # As JSON, so that a text is accepted where an enum or a date is meant, and no 1 for true.
        return model.model_validate_json(json.dumps(value, allow_nan=False))
    except ValidationError as error:
        raise _refused(path, _first(error), "see its JSON schema") from None
    except (PlainYamlError, RecursionError, ValueError, TypeError) as error:
        reason = safe_text(" ".join(str(error).split()))
        raise _refused(path, f"YAML that cannot be read ({reason})", "mend it") from None


def _read(path: Path) -> str:
    """The text of a regular file of bounded size."""
    try:
        if not path.is_file():
            raise _refused(path, "no such file", "check the path")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _refused(path, f"more than {MAX_BYTES:,} bytes", "shorten it")
        return content.decode("utf-8")
    except OSError as error:
        raise _refused(path, unread(error), "give a readable file") from None
    except UnicodeDecodeError:
        raise _refused(path, "bytes that are no UTF-8", "save it as UTF-8") from None
    except ValueError:
        raise _refused(path, "a name that no file has", "check the path") from None


def _refused(path: Path, found: str, cure: str) -> GateError:
    return GateError(f"{path}: found {found}; expected a YAML file as documented; {cure}")


def _first(error: ValidationError) -> str:
    """The first complaint: where, what, and what would be right."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"]) or "the whole file"
    given = shorten(safe_text(repr(first["input"])), _SHOWN)
    return f"{given} as {safe_text(where)} ({first['msg']})"
