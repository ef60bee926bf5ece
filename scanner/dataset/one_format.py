"""Records to rows, as long as all of them are written in one way."""

from typing import NoReturn

from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.interface import Parsed, ReadOptions, Record, RowFormat, RowProblem
from scanner.dataset.shown import describe, show_text

KINDS = {str: "a text", list: "a list", dict: "an object", bool: "true or false"}


class OneFormat:
    """Parses the records of a dataset; the first good one says how all of them are written."""

    def __init__(self, options: ReadOptions) -> None:
        """Raises DatasetError for options that name no format, or no role."""
        self._formats = formats_for(options)
        self._format: RowFormat | None = None
        self._fields: tuple[str, ...] = ()
        self._kinds: list[type] = []

    @property
    def name(self) -> str:
        """As ``--format`` takes it; empty before the first good record."""
        return self._format.name if self._format else ""

    def parse(self, record: Record, line: int) -> Parsed:
        """The rows of a record. Raises RowProblem, also where it is unlike those before it."""
        row_format = detect_format(record, self._formats)
        if self._format is None:
            parsed = row_format.parse(record, line)
            self._format, self._fields = row_format, row_format.required
            self._kinds = self._kinds_of(record)
            return parsed
        if row_format is not self._format:
            _refuse_format(row_format, self._format)
        if self._kinds_of(record) != self._kinds:
            self._refuse_kinds(record)
        return row_format.parse(record, line)

    def _kinds_of(self, record: Record) -> list[type]:
        return [type(record.get(field)) for field in self._fields]

    def _refuse_kinds(self, record: Record) -> NoReturn:
        """Trainers' readers take a field of two kinds for JSON: a text ``"7"`` becomes a number."""
        field, kind = next(
            (field, kind)
            for field, kind in zip(self._fields, self._kinds, strict=True)
            if type(record.get(field)) is not kind
        )
        raise RowProblem(
            found=f"{describe(record.get(field))} as {show_text(field)}",
            expected=f"{KINDS.get(kind, 'another value')}, as in the rows before it",
            cure="write the field in the same way in all rows",
        )


def _refuse_format(found: RowFormat, first: RowFormat) -> NoReturn:
    here, before = f"the format '{found.name}'", f"the format '{first.name}'"
    if found.name == first.name:
        here, before = found.shape, first.shape
    raise RowProblem(
        found=f"a row of {here}",
        expected=f"{before} of the rows before it",
        cure="convert all rows to one format",
    )
