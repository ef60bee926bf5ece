"""Records to rows, as long as all of them are written in one way."""

from typing import NoReturn

from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.interface import Parsed, ReadOptions, Record, RowFormat, RowProblem
from scanner.dataset.kinds import FieldKinds


class OneFormat:
    """Parses the records of a dataset; the first good one says how all of them are written."""

    def __init__(self, options: ReadOptions) -> None:
        """Raises DatasetError for options that name no format, or no role."""
        self._formats = formats_for(options)
        self._format: RowFormat | None = None
        self._fields: tuple[str, ...] = ()
        self._keys: tuple[str, ...] = ()
        """Of a record of the format; others with the same are of it, too."""
        self._kinds = FieldKinds()
        self._has_quick = False
        """Whether the kinds of the records that can be read quickly are known."""

    @property
    def name(self) -> str:
        """As ``--format`` takes it; empty before the first good record."""
        return self._format.name if self._format else ""

    def parse(self, record: Record, line: int) -> Parsed:
        """The rows of a record. Raises RowProblem, also where it is unlike those before it."""
        if self._format is None:
            return self._first(record, line)
        keys = tuple(record)
        if keys != self._keys:
            row_format = detect_format(record, self._formats)
            if row_format is not self._format:
                _refuse_format(row_format, self._format)
            self._keys = keys
        quickly = self._format.quick(record, line)
        if quickly is None or not self._has_quick:
            self._kinds.look_at(record, self._fields)
            self._has_quick = self._has_quick or quickly is not None
        return quickly or self._format.parse(record, line)

    def _first(self, record: Record, line: int) -> Parsed:
        row_format = detect_format(record, self._formats)
        self._kinds.look_at(record, row_format.fields)
        parsed = row_format.parse(record, line)
        self._format, self._fields = row_format, row_format.fields
        return parsed


def _refuse_format(found: RowFormat, first: RowFormat) -> NoReturn:
    here, before = f"the format '{found.name}'", f"the format '{first.name}'"
    if found.name == first.name:
        here, before = found.shape, first.shape
    raise RowProblem(
        found=f"a row of {here}",
        expected=f"{before} of the rows before it",
        cure="convert all rows to one format",
    )
