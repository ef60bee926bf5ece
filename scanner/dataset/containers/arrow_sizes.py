"""What the batches of an Arrow IPC file come to in memory, by their own word.

A compressed batch says how much its buffers unpack to, and pyarrow takes that much memory before
it looks any closer: a bomb. These sizes stand in the messages' FlatBuffers, of which only the few
fields that lead to them are read here. Sources: ``Message.fbs``, ``File.fbs`` and the page "Arrow
Columnar Format" of Apache Arrow. Raises ValueError for whatever makes no sense.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

FILE_MAGIC = b"ARROW1"
STREAM_MAGIC = b"\xff\xff\xff\xff"
END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"
DICTIONARY_BATCH, RECORD_BATCH = 2, 3


def sizes_of_stream(source: BinaryIO) -> Iterator[int]:
    """Unpacked bytes of every batch of a stream, which must end where the file does."""
    end = source.seek(0, 2)
    at = 0
    while _read(source, at, len(END_OF_STREAM)) != END_OF_STREAM:
        message = _message(source, at, end)
        yield message.unpacked
        at = message.end
    if at + len(END_OF_STREAM) != end:
        raise ValueError("bytes after the end of the stream")


def sizes_of_file(source: BinaryIO) -> Iterator[int]:
    """Unpacked bytes of every batch that the footer of a file points at."""
    end = source.seek(0, 2) - len(FILE_MAGIC) - 4
    (length,) = struct.unpack("<i", _read(source, end, 4))
    footer = _Table.root(_read(source, end - length, length))
    for vector in (2, 3):  # dictionaries, recordBatches
        for at in footer.structs(vector, 24):
            (offset,) = footer.unpack("<q", at)
            yield _message(source, offset, end).unpacked


class _Message(NamedTuple):
    end: int
    """Where the next message begins."""
    unpacked: int
    """Bytes of its buffers in memory."""


class _Table:
    """One FlatBuffers table: fields by number, each at the place that a table of places gives."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at
        (back,) = self.unpack("<i", at)
        self._places = at - back
        (self._places_bytes,) = self.unpack("<H", self._places)

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        """The table that a buffer begins with."""
        if len(data) < 4:
            raise ValueError("an empty message")
        return cls(data, struct.unpack_from("<I", data)[0])

    def unpack(self, layout: str, at: int) -> tuple[int, ...]:
        """Numbers at a place of the buffer."""
        if not 0 <= at <= len(self._data) - struct.calcsize(layout):
            raise ValueError("a place outside the message")
        return struct.unpack_from(layout, self._data, at)

    def place(self, number: int) -> int | None:
        """Where a field is; None where it has its default."""
        entry = 4 + 2 * number
        if entry + 2 > self._places_bytes:
            return None
        (offset,) = self.unpack("<H", self._places + entry)
        return self._at + offset if offset else None

    def number(self, number: int, layout: str) -> int:
        """A field that is a number."""
        place = self.place(number)
        return self.unpack(layout, place)[0] if place is not None else 0

    def table(self, number: int) -> "_Table | None":
        """A field that is a table."""
        place = self.place(number)
        return None if place is None else _Table(self._data, self._follow(place))

    def structs(self, number: int, size: int) -> range:
        """Where the items of a field that is a list of structs are."""
        place = self.place(number)
        if place is None:
            return range(0)
        start = self._follow(place)
        (count,) = self.unpack("<I", start)
        if count * size > len(self._data):
            raise ValueError("a list longer than the message")
        return range(start + 4, start + 4 + count * size, size)

    def _follow(self, place: int) -> int:
        return place + self.unpack("<I", place)[0]


def _message(source: BinaryIO, at: int, end: int) -> _Message:
    mark = _read(source, at, 8)
    # Before version 0.15 a message began with its length alone.
    head = 8 if mark.startswith(STREAM_MAGIC) else 4
    (length,) = struct.unpack_from("<i", mark, head - 4)
    message = _Table.root(_read(source, at + head, length))
    body = at + head + length
    body_end = body + message.number(3, "<q")
    if not body <= body_end <= end:
        raise ValueError("a message that goes on beyond the end")
    kind, header = message.number(1, "<B"), message.table(2)
    if kind == DICTIONARY_BATCH and header:
        header = header.table(1)
    is_batch = kind in (DICTIONARY_BATCH, RECORD_BATCH) and header is not None
    return _Message(body_end, _unpacked(source, header, body) if is_batch and header else 0)


def _unpacked(source: BinaryIO, batch: _Table, body: int) -> int:
    """Bytes of a batch's buffers; each of a compressed batch begins with its own."""
    compressed = batch.table(3) is not None
    total = 0
    for at in batch.structs(2, 16):
        offset, length = batch.unpack("<qq", at)
        size = length
        if compressed and length > 0:
            (declared,) = struct.unpack("<q", _read(source, body + offset, 8))
            size = max(length, declared)
        total += size
    return total


def _read(source: BinaryIO, at: int, length: int) -> bytes:
    if at < 0 or length < 0:
        raise ValueError("a place before the beginning")
    source.seek(at)
    content = source.read(length)
    if len(content) < length:
        raise ValueError("a message that is cut off")
    return content
