"""A strict reader of JSON Lines.

Strict because a trainer's reader may be lenient in another way than ours: wherever two readers
could see different rows (a key twice, a stray carriage return, a blank line, NaN, half a
surrogate pair), the file is refused rather than read one way.
"""

import hashlib
import json
import math
import re
from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from scanner.dataset.interface import RowProblem
from scanner.dataset.shown import describe, show_text

MAX_LINE_BYTES = 16 * 2**20
"""A line's largest size, its newline included; a row of 200,000 tokens has about 1 MB."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
OTHER_KINDS = {
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
    b"\x1f\x8b": "a gzip file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"PK\x03\x04": "a zip file",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"version https://git-lfs": "a Git LFS pointer instead of the file",
}
ONE_OBJECT = "one JSON object per line"


class JsonLines:
    """The records of a binary stream, in one pass: the bytes that are hashed are those parsed.

    ``line`` is the 1-based line last read: where a RowProblem raised meanwhile belongs.
    """

    def __init__(self, stream: BinaryIO) -> None:
        """``stream`` is read once, from where it stands to its end."""
        self.line = 0
        self._stream = stream
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Every record. Blank lines may end the file but not interrupt it."""
        blank = 0
        while raw := self._stream.readline(MAX_LINE_BYTES + 1):
            self.line += 1
            self._digest.update(raw)
            content = self._content(raw)
            if not content.strip(b" \t"):
                blank = blank or self.line
                continue
            if blank:
                self.line = blank
                raise RowProblem(
                    found="a blank line between rows",
                    expected=ONE_OBJECT,
                    cure="remove the blank line",
                )
            yield parse_object(content)

    def sha256(self) -> str:
        """Hex digest of every byte read so far: of the whole stream once it is exhausted."""
        return self._digest.hexdigest()

    def _content(self, raw: bytes) -> bytes:
        """A line without byte order mark and line end."""
        if len(raw) > MAX_LINE_BYTES:
            raise RowProblem(
                found=f"a line of more than {MAX_LINE_BYTES:,} bytes",
                expected=ONE_OBJECT,
                cure="split or remove the row",
            )
        if self.line == 1:
            _refuse_other_kinds(raw)
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        content = raw.removesuffix(b"\n").removesuffix(b"\r")
        if b"\r" in content:
            raise RowProblem(
                found="a carriage return within the line",
                expected="lines that end in a newline",
                cure="convert the line ends to newlines",
            )
        return content


def parse_object(content: bytes) -> dict[str, object]:
    """The JSON object of one line. Raises RowProblem."""
    value = _parse(_decode(content))
    if not isinstance(value, dict):
        raise RowProblem(
            found=describe(value),
            expected=ONE_OBJECT,
            cure="write each row as an object on a line of its own",
        )
    return value


def _refuse_other_kinds(start: bytes) -> None:
    for magic, kind in OTHER_KINDS.items():
        if start.startswith(magic):
            raise RowProblem(found=kind, expected="JSON Lines in UTF-8", cure="convert the file")


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RowProblem(
            found=f"invalid UTF-8 at byte {error.start + 1} of the line",
            expected="JSON Lines in UTF-8",
            cure="convert the file to UTF-8",
        ) from None


def _parse(text: str) -> object:
    """The value of a JSON text, without whatever readers disagree about."""
    try:
        value: object = json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_number,
            parse_int=_number,
            parse_constant=_refuse_number,
        )
        if SURROGATE_ESCAPE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        _refuse(f"invalid JSON at column {error.colno} ({error.msg})")
    except UnicodeEncodeError:
        _refuse("half of a surrogate pair, which is no character")
    except RecursionError:
        _refuse("JSON nested too deep")
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record: dict[str, object] = {}
    for key, value in pairs:
        if key in record:
            _refuse(f"the key {show_text(key)} twice in one object")
        record[key] = value
    return record


def _number(text: str) -> float:
    """No format has numbers yet, so the exact value of a large integer does not matter."""
    value = float(text)
    return value if math.isfinite(value) else _refuse_number(text)


def _refuse_number(text: str) -> NoReturn:
    _refuse(f"the number {text[:20]}, which is not JSON or too large")


def _refuse(found: str) -> NoReturn:
    raise RowProblem(found=found, expected=ONE_OBJECT, cure="correct or remove the line") from None
