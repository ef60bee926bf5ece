"""What the rooms of the dataset package hand to one another.

    containers → entries → formats → rows

A *container* knows how records lie in a file (JSON Lines, a JSON array, CSV, Parquet, text); a
*format* knows what a record's fields mean (``messages``, Alpaca, ShareGPT, preference pairs).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

from scanner.config import Preference as Preference
from scanner.config import ReadOptions as ReadOptions
from scanner.types import Masked, Row

if TYPE_CHECKING:
    from scanner.dataset.opened import OpenedFile

Record = Mapping[str, object]
"""One JSON object of the file, or one row of a table."""


class RowProblem(Exception):
    """What is wrong with a row; ``read_dataset`` adds the place and raises a DatasetError.

    All three texts are shown as they are: whoever raises has escaped what came from the file.
    """

    def __init__(self, *, found: str, expected: str, cure: str, line: int | None = None) -> None:
        """See ``scanner.errors.DatasetError`` for how the texts are put together.

        ``line`` is given where the problem is raised outside an entry.
        """
        super().__init__(f"found {found}; expected {expected}; {cure}")
        self.line = line
        self.found = found
        self.expected = expected
        self.cure = cure


class ReaderDisagreement(RowProblem):
    """A record that a trainer's reader takes for other rows than ours: it always stops the audit.

    Left out or repaired, it would be a place to hide rows that are trained on and never audited.
    """


class Entry(NamedTuple):
    """One record as it lies in its container, or what is wrong with it."""

    line: int
    """1-based line of a text, or row of a table."""
    content: Record | RowProblem
    raw: bytes
    """The line without its end; for a table the record as JSON."""
    hint: str = ""
    """What may explain that the record is no row, and the way out; goes before the cure."""


class Container(Protocol):
    """One way in which records lie in a file."""

    @property
    def name(self) -> str:
        """Short id, for messages: ``jsonl``."""

    def entries(self, file: "OpenedFile") -> Iterator[Entry]:
        """Every record of the file, in order, in flat memory.

        Read to its end: the file's digest is made of the bytes that pass by.

        Raises RowProblem where the file cannot be read on (not this container, a bomb, cut off),
        ReaderDisagreement where another reader would see other records.
        """


class Parsed(NamedTuple):
    """What a record comes to: usually one row; more where several assistant turns are trained on,
    none where the file's own masks leave nothing."""

    rows: tuple[Row, ...]
    masked: tuple[Masked, ...] = ()


class RowFormat(Protocol):
    """One way to write training rows as a JSON object."""

    @property
    def name(self) -> str:
        """Short id, as ``--format`` takes it: ``messages``."""

    @property
    def shape(self) -> str:
        """The fields in words, for messages: ``'prompt' and 'completion'``."""

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that every record of the format has, as the file calls them."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is read where it is, as the file calls them."""

    def matches(self, record: Record) -> bool:
        """Whether the record means to be of this format, even if it is faulty."""

    def unread(self, record: Record) -> tuple[str, ...]:
        """The record's fields that are not of the format; not those that no trainer reads."""

    def quick(self, record: Record, line: int) -> Parsed | None:
        """The rows of a record of plain texts, as nearly all are; None for any other.

        What ``parse`` comes to, in half the time. All such records of a dataset have the same
        fields, of the same kinds. Raises as ``parse`` does.
        """

    def parse(self, record: Record, line: int) -> Parsed:
        """The canonical rows.

        Raises RowProblem, also for a field that trainers read in different ways.
        """


class Formats(NamedTuple):
    """What records may be written in."""

    allowed: tuple[RowFormat, ...]
    others: tuple[RowFormat, ...] = ()
    """Those that they are not, whatever fields they have: the user named a format."""
