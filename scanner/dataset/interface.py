"""What a row format is, and how anything here complains about a row."""

from collections.abc import Mapping
from typing import Protocol

from scanner.types import Row

Record = Mapping[str, object]
"""One JSON object of the file."""


class RowProblem(Exception):
    """What is wrong with a row; ``read_dataset`` adds the place and raises a DatasetError.

    All three texts are shown as they are: whoever raises has escaped what came from the file.
    """

    def __init__(self, *, found: str, expected: str, cure: str) -> None:
        """See ``scanner.errors.DatasetError`` for how the texts are put together."""
        super().__init__(f"found {found}; expected {expected}; {cure}")
        self.found = found
        self.expected = expected
        self.cure = cure


class RowFormat(Protocol):
    """One way to write a training row as a JSON object."""

    @property
    def name(self) -> str:
        """Short id, for messages: ``messages``."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of a row. Every row has all of them and no others."""

    def matches(self, record: Record) -> bool:
        """Whether the record means to be of this format, even if it is faulty."""

    def parse(self, record: Record, line: int) -> Row:
        """The canonical row. Raises RowProblem."""
