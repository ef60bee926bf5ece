"""Parquet, a batch of rows at a time."""

from collections.abc import Iterator
from typing import Any

from scanner.dataset.interface import Entry, RowProblem
from scanner.dataset.opened import OpenedFile

BATCH_ROWS = 1024
BUFFER_BYTES = 2**20


class Parquet:
    """See ``Container``."""

    name = "Parquet"

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``. Texts are read as dictionaries: one that is stored once and
        meant a million times stays one text.
        """
        # Loaded only where such a file is read.
        import pyarrow.parquet as pq

        from scanner.dataset.containers.tables import Columns, translated

        with translated("a Parquet file"):
            source = file.seekable()
            described = pq.read_metadata(source)
            if described.num_rows > file.limits.records:
                raise RowProblem(
                    found=f"a Parquet file of {described.num_rows:,} rows",
                    expected=f"at most {file.limits.records:,} rows",
                    cure="audit it in parts",
                )
            table = pq.ParquetFile(
                source,
                read_dictionary=_texts(described),
                pre_buffer=False,
                buffer_size=BUFFER_BYTES,
            )
            columns = Columns(table.schema_arrow, file.limits)
            row = 1
            for batch in _batches(table):
                yield from columns.entries(batch, row)
                row += len(batch)


def _batches(table: Any) -> Iterator[Any]:
    """The rows in batches, none of which is from two row groups: pyarrow would hold its texts in
    two pieces, and cannot build lists of turns from those.
    """
    for group in range(table.num_row_groups):
        yield from table.iter_batches(BATCH_ROWS, row_groups=[group], use_threads=False)


def _texts(described: Any) -> list[str]:
    """The columns of texts, those within other columns, too."""
    columns = map(described.schema.column, range(described.num_columns))
    return [column.path for column in columns if column.logical_type.type == "STRING"]
