"""What Parquet and Arrow have in common: columns of types, batches of rows."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.compute as pc

from scanner.dataset.containers.strict_json import parse_json
from scanner.dataset.interface import Entry, ReaderDisagreement, RowProblem
from scanner.dataset.limits import NESTING, Limits
from scanner.dataset.shown import show_text

ROWS_AT_ONCE = 256
EXTENSION_NAME = b"ARROW:extension:name"
EXPECTED = "columns of texts, numbers, true and false, and lists and structs of them"

Reader = Callable[[Any], object]
"""From a value as pyarrow gives it to one as a JSON object would hold it."""


class Columns:
    """The columns of a table, and how its rows become records.

    A table cannot leave a field out, so null in a struct or a row means that it is not there.
    """

    def __init__(self, schema: pa.Schema, limits: Limits) -> None:
        """Raises RowProblem for a column whose values are no rows' values."""
        self._limits = limits
        self._decoded = 0
        self._left = limits.columns
        self._read = self._struct("", list(schema))

    def entries(self, batch: pa.RecordBatch, first: int) -> Iterator[Entry]:
        """The rows of a batch, ``first`` being the number of the first of them."""
        batch.validate(full=True)
        for start in range(0, len(batch), ROWS_AT_ONCE):
            rows = batch.slice(start, ROWS_AT_ONCE)
            if sum(map(_text_bytes, rows.columns)) > self._limits.batch_bytes:
                _refuse_size(f"{ROWS_AT_ONCE} rows", self._limits.batch_bytes)
            for number, row in enumerate(rows.to_pylist(), start=first + start):
                yield self._entry(number, row)

    def _entry(self, number: int, row: dict[str, object]) -> Entry:
        try:
            record: Any = self._read(row)
        except RowProblem as problem:
            return Entry(number, problem, b"")
        raw = json.dumps(record, ensure_ascii=False).encode()
        self._decoded += len(raw)
        if len(raw) > self._limits.line_bytes:
            _refuse_size("a row", self._limits.line_bytes)
        if self._decoded > self._limits.decoded_bytes:
            _refuse_size("a table", self._limits.decoded_bytes)
        return Entry(number, record, raw)

    def _reader(self, name: str, field: pa.Field, depth: int) -> Reader:
        self._left -= 1
        if self._left < 0:
            _refuse(f"more than {self._limits.columns:,} columns", "keep the columns of the rows")
        kind = field.type
        if isinstance(kind, pa.JsonType):
            return lambda text: parse_json(text.encode())
        if EXTENSION_NAME in (field.metadata or {}) or depth == NESTING:
            _refuse_type(name, kind)
        if pa.types.is_struct(kind):
            return self._struct(name, list(kind.fields), depth + 1)
        if _is_list(kind):
            item = self._reader(f"{name}[]", kind.value_field, depth + 1)
            return lambda items: [None if value is None else item(value) for value in items]
        if not _is_plain(kind):
            _refuse_type(name, kind)
        return _as_it_is

    def _struct(self, name: str, fields: Sequence[pa.Field], depth: int = 0) -> Reader:
        names = [field.name for field in fields]
        if len(set(names)) < len(names):
            twice = next(key for key in names if names.count(key) > 1)
            raise ReaderDisagreement(
                found=f"two columns {show_text(twice)}",
                expected="columns with names of their own",
                cure="keep one of them",
            )
        path = f"{name}." if name else ""
        readers = {
            field.name: self._reader(f"{path}{field.name}", field, depth) for field in fields
        }
        return lambda row: {
            key: readers[key](value) for key, value in row.items() if value is not None
        }


@contextmanager
def translated(kind: str) -> Iterator[None]:
    """What pyarrow raises for a faulty file, as a RowProblem."""
    try:
        yield
    except (pa.ArrowException, ValueError, OSError, MemoryError, OverflowError) as error:
        reason = show_text(str(error).partition("\n")[0])
        raise RowProblem(
            found=f"{kind} that is damaged or cut off ({reason})",
            expected=EXPECTED,
            cure="write the file again",
        ) from None


def _text_bytes(array: Any) -> int:
    """Bytes of all texts of a column, those that are stored once and meant often counted often."""
    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _text_bytes(array.storage)
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(array.dictionary)
        return int(pc.sum(lengths.take(array.indices)).as_py() or 0)
    if pa.types.is_struct(kind):
        return sum(map(_text_bytes, array.flatten()))
    if _is_list(kind):
        return _text_bytes(array.flatten())
    return int(array.nbytes)


def _as_it_is(value: object) -> object:
    return value


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return (
        _is_text(kind)
        or pa.types.is_null(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
    )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _refuse_type(name: str, kind: pa.DataType) -> NoReturn:
    shown = show_text(str(kind))
    _refuse(f"the column {show_text(name)} of the type {shown}", "write texts, or leave it out")


def _refuse_size(what: str, most: int) -> NoReturn:
    _refuse(f"{what} of more than {most:,} bytes", "write shorter rows, or smaller batches")


def _refuse(found: str, cure: str) -> NoReturn:
    raise RowProblem(found=found, expected=EXPECTED, cure=cure)
