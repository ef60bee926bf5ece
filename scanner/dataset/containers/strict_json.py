"""JSON objects, read so that no other reader can see something else in them.

Two ways that must never differ: ``quick_object`` takes what is beyond doubt; ``parse_object``
takes the rest, slowly, and says what is wrong with it.
"""

import json
import re
import sys
from typing import NoReturn

import jiter

from scanner.dataset.interface import ReaderDisagreement, RowProblem
from scanner.dataset.limits import NESTING
from scanner.dataset.shown import describe, show_text

SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
ONE_OBJECT = "one JSON object per line"


def quick_object(content: bytes) -> dict[str, object] | None:
    """The object of a JSON text; None where a closer look is needed, faulty or not."""
    try:
        value = jiter.from_json(content, catch_duplicate_keys=True, allow_inf_nan=False)
    except ValueError:
        return None
    return value if type(value) is dict else None


def parse_object(content: bytes) -> dict[str, object]:
    """The object of a JSON text. Raises RowProblem, ReaderDisagreement where readers differ."""
    value = parse_json(content)
    if not isinstance(value, dict):
        raise RowProblem(
            found=describe(value),
            expected=ONE_OBJECT,
            cure="write each row as an object on a line of its own",
        )
    return value


def is_unfinished(content: bytes) -> bool:
    """Whether a faulty JSON text could become a good one on the next line."""
    text = content.decode("utf-8", "replace")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        # A text in quotes cannot hold a newline, so that is a fault of its own.
        at_end = error.pos >= len(text.rstrip(" \t\r"))
        return at_end and not error.msg.startswith("Unterminated string")
    except (RecursionError, ValueError):
        return False
    return False


def _is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects are nested deeper than that."""
    if not isinstance(value, dict | list):
        return False
    items = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in items)


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowProblem(
            found=f"invalid UTF-8 at byte {error.start + 1} of the line",
            expected="JSON Lines in UTF-8",
            cure="convert the file to UTF-8",
        ) from None


def parse_json(content: bytes) -> object:
    """The value of a JSON text. Raises as ``parse_object`` does."""
    text = _decode(content)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
        )
        if _is_deeper(value, NESTING):
            raise RecursionError
        if SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        _refuse_json(text, error)
    except UnicodeEncodeError:
        _refuse("half of a surrogate pair, which is no character")
    except RecursionError:
        _disagree("JSON nested too deep")
    except ValueError:
        _disagree(f"a number of more than {sys.get_int_max_str_digits():,} digits")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record: dict[str, object] = {}
    for key, value in pairs:
        if key in record:
            _disagree(f"the key {show_text(key)} twice in one object")
        record[key] = value
    return record


def _refuse_constant(text: str) -> NoReturn:
    _disagree(f"{text}, which is not JSON")


def _refuse_json(text: str, error: json.JSONDecodeError) -> NoReturn:
    """Say what is wrong; other readers take a second object, or null, for a row of its own."""
    if error.msg == "Extra data" and text.startswith(("{", "null"), error.pos):
        _disagree("two JSON values on one line")
    _refuse(f"invalid JSON at column {error.colno} ({error.msg})")


def _disagree(found: str) -> NoReturn:
    cure = "correct the line"
    raise ReaderDisagreement(found=found, expected=ONE_OBJECT, cure=cure) from None


def _refuse(found: str) -> NoReturn:
    raise RowProblem(found=found, expected=ONE_OBJECT, cure="correct or remove the line") from None
