"""What every row format is: the names of its fields, and a reader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scanner.dataset.formats.reading import AS_DETECTED, Reading
from scanner.dataset.interface import Parsed, Record
from scanner.dataset.shown import show_text

Reader = Callable[[Record, int, Reading], Parsed]
"""A record under the format's own field names, its line, how to read → its rows."""
QuickReader = Callable[[Record, int, Reading], Parsed | None]
"""The same for records of plain texts, without the fields that a format may have."""

# fmt: off
COMPANIONS = frozenset((
    "id", "_id", "idx", "index", "uuid", "row_id", "prompt_id", "question_id", "conversation_id",
    "message_id", "source", "url", "dataset", "dataset_name", "subset", "split", "category",
    "topic", "tags", "language", "lang", "license", "author", "model", "generator", "created",
    "created_at", "timestamp", "date", "metadata", "meta", "score", "quality", "rating",
    "difficulty", "num_turns", "num_tokens", "token_count", "hash", "Unnamed: 0",
    "__index_level_0__",
))
# fmt: on
"""Fields that stand beside those of any format and that no trainer reads. The last two are where
pandas writes the index of a table, in CSV and in Parquet."""


@dataclass(frozen=True, eq=False)
class FieldsFormat:
    """A ``RowFormat`` made of its fields; two are the same only if they are one object."""

    name: str
    needs: tuple[str, ...]
    """The fields that every record has, under the format's own names."""
    reader: Reader
    may_have: tuple[str, ...] = ()
    """Fields that are read where they are."""
    companions: frozenset[str] = COMPANIONS
    """Fields that are not read because trainers of this format do not."""
    quick_reader: QuickReader | None = None
    reading: Reading = AS_DETECTED

    @property
    def required(self) -> tuple[str, ...]:
        """See ``RowFormat.required``."""
        return tuple(self._columns(self.needs).values())

    @property
    def fields(self) -> tuple[str, ...]:
        """See ``RowFormat.fields``."""
        return tuple(self._columns((*self.needs, *self.may_have)).values())

    @property
    def shape(self) -> str:
        """See ``RowFormat.shape``."""
        *rest, last = [show_text(column) for column in self.required] or ["nothing"]
        return f"{', '.join(rest)} and {last}" if rest else last

    def matches(self, record: Record) -> bool:
        """See ``RowFormat.matches``."""
        columns = self._columns(self.needs).values()
        return len(columns) == len(self.needs) and all(column in record for column in columns)

    def unread(self, record: Record) -> tuple[str, ...]:
        """See ``RowFormat.unread``."""
        known = self._columns((*self.needs, *self.may_have)).values()
        beside = self.companions | self.reading.beside
        return tuple(key for key in record if key not in known and key not in beside)

    def quick(self, record: Record, line: int) -> Parsed | None:
        """See ``RowFormat.quick``."""
        if self.quick_reader is None:
            return None
        if self.reading.columns or self.reading.ignored:
            record = self._own_fields(record)
        if len(record) > len(self.needs) and any(record.get(field) for field in self.may_have):
            return None
        return self.quick_reader(record, line, self.reading)

    def parse(self, record: Record, line: int) -> Parsed:
        """See ``RowFormat.parse``."""
        if self.reading.columns or self.reading.ignored:
            record = self._own_fields(record)
        return self.reader(record, line, self.reading)

    def _columns(self, fields: tuple[str, ...]) -> Mapping[str, str]:
        """Fields → what the file calls them, less those that the user's trainer does not read."""
        named = {field: self.reading.column(field) for field in fields}
        return {
            field: column
            for field, column in named.items()
            if column is not None and column not in self.reading.ignored
        }

    def _own_fields(self, record: Record) -> Mapping[str, object]:
        """The record under the format's own names."""
        columns = self._columns((*self.needs, *self.may_have))
        return {field: record[column] for field, column in columns.items() if column in record}
