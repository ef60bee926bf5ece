"""Records to rows, as long as all of them are written in one way."""

from typing import NoReturn

from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.interface import (
    Parsed,
    ReaderDisagreement,
    ReadOptions,
    Record,
    RowFormat,
    RowProblem,
)
from scanner.dataset.kinds import FieldKinds
from scanner.dataset.shown import show_keys


class OneFormat:
    """Parses the records of a dataset; the first good one says how all of them are written."""

    def __init__(self, options: ReadOptions) -> None:
        """Raises DatasetError for options that name no format, or no role."""
        self._formats = formats_for(options)
        self._format: RowFormat | None = None
        self._fields: tuple[str, ...] = ()
        self._keys: tuple[str, ...] | None = None
        """Of a record of the format; others with the same are of it, too."""
        self._kinds = FieldKinds()
        self._has_quick = False
        """Whether the kinds of the records that can be read quickly are known."""
        self._unread: dict[str, None] = {}
        """Fields of another format, which the user's choice of this one leaves out."""

    @property
    def name(self) -> str:
        """As ``--format`` takes it; empty before the first good record."""
        return self._format.name if self._format else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of how records were read, a sentence each."""
        if not self._unread:
            return ()
        return (f"Not read, since the format is {self.name}: {show_keys(self._unread)}.",)

    def parse(self, record: Record, line: int) -> Parsed:
        """The rows of a record. Raises RowProblem, also where it is unlike those before it."""
        if self._format is None:
            return self._first(record, line)
        keys = tuple(record)
        if keys != self._keys:
            row_format = self._detect(record)
            if row_format is not self._format:
                _refuse_format(row_format, self._format)
            self._keys = keys
        quickly = self._format.quick(record, line)
        if quickly is not None and self._has_quick:
            return quickly
        self._has_quick = quickly is not None or self._has_quick
        return self._closely(record, line, self._format)

    def _first(self, record: Record, line: int) -> Parsed:
        row_format = self._detect(record)
        parsed = self._closely(record, line, row_format)
        self._format, self._fields = row_format, row_format.fields
        return parsed

    def _detect(self, record: Record) -> RowFormat:
        row_format = detect_format(record, self._formats)
        self._unread |= dict.fromkeys(row_format.unread(record))
        return row_format

    def _closely(self, record: Record, line: int, row_format: RowFormat) -> Parsed:
        """The rows, once the kinds of all fields are looked at, those of a faulty record, too."""
        fields = self._fields or row_format.fields
        try:
            parsed = row_format.parse(record, line)
        except RowProblem as problem:
            try:
                self._kinds.look_at(record, fields)
            except ReaderDisagreement as mixture:
                # Left out of the audit, it would still change how the others are read.
                mixture.found, mixture.expected = problem.found, problem.expected
                mixture.cure = f"{problem.cure}; {mixture.cure}"
                raise
            raise
        self._kinds.look_at(record, fields)
        return parsed


def _refuse_format(found: RowFormat, first: RowFormat) -> NoReturn:
    here, before = f"the format '{found.name}'", f"the format '{first.name}'"
    if found.name == first.name:
        here, before = found.shape, first.shape
    raise RowProblem(
        found=f"a row of {here}",
        expected=f"{before} of the rows before it",
        cure="convert all rows to one format, or leave the others out with --on-bad-row report",
    )
