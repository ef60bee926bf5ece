"""JSON objects, read so that no other reader can see something else in them.

Two parsers that must never differ: ``quick_object`` takes what is beyond doubt, at the speed of
``orjson``; ``parse_object`` takes the rest, slowly, and says what is wrong with it.
"""

import json
import math
import re
from typing import NoReturn

import orjson

from scanner.dataset.interface import ReaderDisagreement, RowProblem
from scanner.dataset.shown import describe, show_text

SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
SPACE_BEFORE_COLON = re.compile(rb'"[ \t\r\n]+:')
INTEGER_DIGITS = 20
"""Of the largest integers that fit in 64 bits, a sign or a leading digit included."""
ONE_OBJECT = "one JSON object per line"


def quick_object(content: bytes, nesting: int) -> dict[str, object] | None:
    """The object of a JSON text; None where a closer look is needed, faulty or not.

    ``orjson`` refuses whatever is not JSON, but takes the last of two equal keys. Every key is
    followed by a colon, so with no space between the two there are at least as many ``":`` in the
    text as there are keys, and just as many as are left in the object only if no key came twice.
    """
    try:
        value = orjson.loads(content)
        if type(value) is not dict:
            return None
        keys = count_keys(value, nesting)
    except (orjson.JSONDecodeError, RecursionError):
        return None
    written = content.count(b'":')
    if b"\\" in content:
        # Within a text, \": is no key; but after \\ the quote ends a text.
        if b'\\\\":' in content:
            return None
        written -= content.count(b'\\":')
    if written != keys or _has_space_before_colon(content):
        return None
    return value


def parse_object(content: bytes, nesting: int) -> dict[str, object]:
    """The object of a JSON text. Raises RowProblem, ReaderDisagreement where readers differ."""
    value = parse_json(content, nesting)
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


def count_keys(value: object, nesting: int) -> int:
    """Keys of an object and of all that is in it. Raises RecursionError beyond ``nesting``."""
    if nesting == 0:
        raise RecursionError
    if type(value) is dict:
        count = len(value)
        items: object = value.values()
    else:
        count, items = 0, value
    for item in items:  # type: ignore[attr-defined]
        if type(item) is dict or type(item) is list:
            count += count_keys(item, nesting - 1)
    return count


def _has_space_before_colon(content: bytes) -> bool:
    # A search for single bytes takes a tenth of the time.
    if b'" ' in content or b"\t" in content or b"\n" in content or b"\r" in content:
        return SPACE_BEFORE_COLON.search(content) is not None
    return False


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowProblem(
            found=f"invalid UTF-8 at byte {error.start + 1} of the line",
            expected="JSON Lines in UTF-8",
            cure="convert the file to UTF-8",
        ) from None


def parse_json(content: bytes, nesting: int) -> object:
    """The value of a JSON text. Raises as ``parse_object`` does."""
    text = _decode(content)
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_integer,
            parse_constant=_refuse_constant,
        )
        if isinstance(value, dict | list):
            count_keys(value, nesting)
        if SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        _refuse_json(text, error)
    except UnicodeEncodeError:
        _refuse("half of a surrogate pair, which is no character")
    except RecursionError:
        _refuse("JSON nested too deep")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record: dict[str, object] = {}
    for key, value in pairs:
        if key in record:
            _disagree(f"the key {show_text(key)} twice in one object")
        record[key] = value
    return record


def _integer(text: str) -> float:
    """A float beyond 64 bits, as ``orjson`` has it."""
    if len(text) <= INTEGER_DIGITS and -(2**63) <= int(text) < 2**64:
        return int(text)
    return _number(text)


def _number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(_no_number(text))


def _refuse_constant(text: str) -> NoReturn:
    _disagree(_no_number(text))


def _no_number(text: str) -> str:
    return f"the number {text[:20]}, which is not JSON or too large"


def _refuse_json(text: str, error: json.JSONDecodeError) -> NoReturn:
    """Say what is wrong; other readers take a second object on the line for a row."""
    if error.msg == "Extra data" and text.startswith("{", error.pos):
        _disagree("two JSON objects on one line")
    _refuse(f"invalid JSON at column {error.colno} ({error.msg})")


def _disagree(found: str) -> NoReturn:
    cure = "correct the line"
    raise ReaderDisagreement(found=found, expected=ONE_OBJECT, cure=cure) from None


def _refuse(found: str) -> NoReturn:
    raise RowProblem(found=found, expected=ONE_OBJECT, cure="correct or remove the line") from None
