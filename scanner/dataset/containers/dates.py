"""Texts that trainers' readers take for points in time.

``datasets`` reads JSON with pyarrow, which turns a whole column of a batch into times if every
text in it is a date: the trainer then sees ``2024-01-01 00:00:00``, or no text at all, where the
file says ``2024-01-01``.
"""

import re
from collections.abc import Iterator

from scanner.dataset.interface import ReaderDisagreement, Record, RowProblem
from scanner.dataset.shown import show_text

BATCH_BYTES = 10 * 2**20
"""What ``datasets`` reads at once, up to the end of a line."""
DATE = re.compile(
    r"\d{4}-\d\d-\d\d([ T]\d\d(:\d\d(:\d\d)?)?(Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII,
)

Column = tuple[str, ...]
"""The keys that lead to a text."""


class DateColumns:
    """The columns of the batch at hand in which nothing but dates was seen."""

    def __init__(self) -> None:
        """Before the first row of a batch."""
        self.undecided = True
        """Whether further rows can matter."""
        self._columns: frozenset[Column] | None = None

    def look_at(self, record: Record | RowProblem) -> None:
        """Take in the next row."""
        if isinstance(record, RowProblem):
            return
        texts = list(_texts(record))
        if self._columns is None:
            self._columns = frozenset(column for column, _ in texts)
        self._columns -= {column for column, text in texts if not DATE.fullmatch(text)}
        self.undecided = bool(self._columns)

    def end(self) -> ReaderDisagreement | None:
        """What is wrong with the batch that is now over; the next one begins."""
        columns, self._columns, self.undecided = self._columns, None, True
        if not columns:
            return None
        return ReaderDisagreement(
            found=f"nothing but dates as {show_text('.'.join(min(columns)))}, "
            "which trainers' readers take for points in time",
            expected="texts that every reader takes for texts",
            cure="write the dates in another way, or put a word before them",
        )


def _texts(value: object, column: Column = ()) -> Iterator[tuple[Column, str]]:
    if isinstance(value, str):
        yield column, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*column, key))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, column)
