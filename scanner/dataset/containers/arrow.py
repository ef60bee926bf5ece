"""Arrow IPC: the stream that ``save_to_disk`` writes, and the file that Polars writes."""

from collections.abc import Iterator
from typing import Any

from scanner.dataset.containers.arrow_sizes import (
    FILE_MAGIC,
    sizes_of_file,
    sizes_of_stream,
)
from scanner.dataset.interface import Entry, RowProblem
from scanner.dataset.opened import OpenedFile


class Arrow:
    """See ``Container``."""

    name = "Arrow"

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``. What the batches unpack to is known before any is read."""
        # Loaded only where such a file is read.
        from scanner.dataset.containers.tables import Columns, translated

        with translated("an Arrow file"):
            source = file.seekable()
            is_file = file.magic.startswith(FILE_MAGIC)
            for size in (sizes_of_file if is_file else sizes_of_stream)(source):
                if size > file.limits.batch_bytes:
                    raise RowProblem(
                        found=f"an Arrow batch of {size:,} bytes",
                        expected=f"at most {file.limits.batch_bytes:,} bytes at once",
                        cure="write smaller batches",
                    )
            source.seek(0)
            schema, batches = _open(source, is_file)
            columns = Columns(schema, file.limits)
            row = 1
            for batch in batches:
                yield from columns.entries(batch, row)
                row += len(batch)


def _open(source: Any, is_file: bool) -> tuple[Any, Iterator[Any]]:
    """The schema and the batches, which are read as they are asked for."""
    import pyarrow as pa

    options = pa.ipc.IpcReadOptions(use_threads=False)
    if is_file:
        reader = pa.ipc.open_file(source, options=options)
        return reader.schema, map(reader.get_batch, range(reader.num_record_batches))
    stream = pa.ipc.open_stream(source, options=options)
    return stream.schema, iter(stream)
