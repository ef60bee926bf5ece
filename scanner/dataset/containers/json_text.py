"""A JSON text of any length, taken apart value by value."""

import codecs
import json
import re
from typing import BinaryIO, NamedTuple, NoReturn

from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.shown import show_text

CHUNK = 2**20
SPACE = re.compile(r"[ \t\r\n]*")
# Only to find where a value ends: what it is, strict_json.py says.
DECODER = json.JSONDecoder(parse_int=str, parse_float=str)


class Value(NamedTuple):
    """One value as it is written."""

    line: int
    """1-based line on which it begins."""
    content: bytes


class JsonText:
    """What is left of a text, in as much memory as the next value needs."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        """``stream`` is read from where it stands; a byte order mark is left out."""
        self.line = 1
        self._stream = stream
        self._longest = limits.line_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0

    def peek(self) -> str:
        """The next character that is no space; nothing at the end."""
        while True:
            space = SPACE.match(self._text, self._at)
            self._skip_to(space.end() if space else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_on():
                return ""

    def take(self, accepted: str) -> str:
        """The next character, which must be one of these. Raises RowProblem."""
        char = self.peek()
        if not char or char not in accepted:
            self._refuse(f"{show_text(char) if char else 'the end'} instead of '{accepted[0]}'")
        self._skip_to(self._at + 1)
        return char

    def key(self) -> str:
        """The next key and its colon. Raises RowProblem."""
        if self.peek() != '"':
            self._refuse("no key in quotes")
        key: str = json.loads(self.value().content)
        self.take(":")
        return key

    def value(self) -> Value:
        """The next value. Raises RowProblem where there is none, or one over the cap."""
        self.peek()
        end = self._end_of_value()
        if end - self._at > self._longest:
            self._refuse_long()
        value = Value(self.line, self._text[self._at : end].encode("utf-8"))
        self._skip_to(end)
        return value

    def _end_of_value(self) -> int:
        while True:
            try:
                _, end = DECODER.raw_decode(self._text, self._at)
                # A number at the end of what is read may go on.
                if end < len(self._text) or not self._read_on():
                    return end
            except RecursionError:
                self._refuse("JSON nested too deep")
            except json.JSONDecodeError as error:
                if len(self._text) - self._at > self._longest:
                    self._refuse_long()
                if not self._read_on():
                    self._refuse(error.msg)

    def _read_on(self) -> bool:
        """Read at least as much again as is left; False at the end of the stream."""
        left = self._text[self._at :]
        chunk = self._stream.read(max(CHUNK, len(left)))
        try:
            self._text = left + self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError:
            self._refuse("invalid UTF-8")
        self._at = 0
        return bool(chunk)

    def _skip_to(self, end: int) -> None:
        self.line += self._text.count("\n", self._at, end)
        self._at = end

    def _refuse_long(self) -> NoReturn:
        self._refuse(f"no end of the row within {self._longest:,} characters")

    def _refuse(self, found: str) -> NoReturn:
        raise RowProblem(
            found=f"invalid JSON ({found})",
            expected="one JSON array of objects, or JSON Lines",
            cure="correct the file, or write JSON Lines",
            line=self.line,
        ) from None
