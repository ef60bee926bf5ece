"""The lines of a text."""

from collections.abc import Iterator
from typing import NamedTuple

from scanner.dataset.interface import RowProblem
from scanner.dataset.opened import OpenedFile

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a text."""

    number: int
    """1-based."""
    content: bytes
    """Without its end and without a byte order mark."""
    ended: bool
    """Whether a newline ends it; only the last line may lack one."""


def numbered_lines(file: OpenedFile) -> Iterator[Line]:
    """Every line; only ``\\n`` and ``\\r\\n`` end one. Raises RowProblem for one over the cap."""
    longest = file.limits.line_bytes
    read_line = file.text.readline
    number = 0
    while raw := read_line(longest + 1):
        number += 1
        if len(raw) > longest:
            raise RowProblem(
                found=f"a line of more than {longest:,} bytes",
                expected="one row per line",
                cure="split or remove the row",
                line=number,
            )
        if number == 1:
            raw = raw.removeprefix(BYTE_ORDER_MARK)
        content = raw.removesuffix(b"\n")
        yield Line(number, content.removesuffix(b"\r"), len(content) < len(raw))
