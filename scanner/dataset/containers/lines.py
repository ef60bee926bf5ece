"""The lines of a text."""

from collections.abc import Iterator

from scanner.dataset.interface import RowProblem
from scanner.dataset.opened import OpenedFile

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_BLANK = 10_000
"""Blank lines that follow one another; readers are slow to pass over a gigabyte of them."""


def numbered_lines(file: OpenedFile) -> Iterator[tuple[int, bytes]]:
    r"""Every line with its 1-based number; only ``\n`` and ``\r\n`` end one.

    Lines come without their ends and without a byte order mark. Raises RowProblem for one over
    the cap.
    """
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
        yield number, raw.removesuffix(b"\n").removesuffix(b"\r")
