"""Parquet and Arrow: damaged, lying about themselves, or of types that are no rows."""

import io
import struct
from collections.abc import Callable
from typing import Any

from tests.hostile.case import CANARY, ROW, Case, Make, accepted, file, line, refused

NO_TEXTS = "of the type"
DIFFER = "reader-disagreement"
DAMAGED = "damaged or cut off"
GOOD = {"prompt": [f"a {CANARY} asks"] * 3, "completion": [f"a {CANARY} answers"] * 3}

Build = Callable[[], Any]


def table_of(columns: dict[str, Any] | None = None) -> Any:
    import pyarrow as pa

    return pa.table(columns or GOOD)


def parquet_bytes(table: Any, **options: Any) -> bytes:
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def stream_bytes(table: Any, compression: str | None = None) -> bytes:
    import pyarrow as pa

    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet(build: Build, **options: Any) -> Make:
    return file("data.parquet", lambda: parquet_bytes(build(), **options))


def arrow(build: Build) -> Make:
    return file("data.arrow", lambda: stream_bytes(build()))


def good_parquet() -> bytes:
    return parquet_bytes(table_of())


def good_stream() -> bytes:
    return stream_bytes(table_of())


def changed(build: Callable[[], bytes], change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    return lambda: change(build())


def with_footer(change: Callable[[bytes], bytes]) -> Callable[[], bytes]:
    """A Parquet file with another footer of the length that it says."""

    def build() -> bytes:
        content = good_parquet()
        (length,) = struct.unpack("<I", content[-8:-4])
        footer = change(content[-8 - length : -8])
        return content[: -8 - length] + footer + struct.pack("<I", len(footer)) + b"PAR1"

    return build


def declare_rows(footer: bytes) -> bytes:
    """Another number of rows where the footer, in Thrift's compact protocol, says 3."""
    said = b"\x16\x06\x19\x1c"  # field num_rows, 3 in zigzag, field row_groups, one of them
    assert footer.count(said) == 1
    return footer.replace(said, b"\x16\xfe\xff\xff\xff\xff\xff\x7f\x19\x1c")


def column(kind: Callable[[Any], Any], values: list[object]) -> Build:
    """A good table with one more column; ``kind`` gets pyarrow."""

    def build() -> Any:
        import pyarrow as pa

        return table_of().append_column("meta", pa.array(values, kind(pa)))

    return build


def messages_column(build_type: Callable[[Any], Any], value: object) -> Build:
    def build() -> Any:
        import pyarrow as pa

        return pa.table({"messages": pa.array([value], build_type(pa))})

    return build


def two_columns_of_one_name() -> Any:
    import pyarrow as pa

    one = pa.array(["a b"])
    return pa.Table.from_arrays([one, one, one], names=["prompt", "completion", "completion"])


def two_fields_of_one_name() -> Any:
    import pyarrow as pa

    fields = [pa.field("role", pa.string()), pa.field("role", pa.string())]
    turn = pa.StructArray.from_arrays([pa.array(["user"]), pa.array(["system"])], fields=fields)
    return pa.table({"messages": pa.ListArray.from_arrays([0, 1], turn)})


def extension(name: str) -> Build:
    """A column that says that it is of an extension type; its data is a pickle."""

    def build() -> Any:
        import pyarrow as pa

        metadata = {"ARROW:extension:name": name, "ARROW:extension:metadata": "\x80\x04cos\nsystem"}
        field = pa.field("completion", pa.string(), metadata=metadata)
        schema = pa.schema([pa.field("prompt", pa.string()), field])
        return pa.table([pa.array(["a"]), pa.array(["b"])], schema=schema)

    return build


def invalid_text() -> Any:
    import pyarrow as pa

    text = pa.array([b"a\xff\xfe"], pa.binary())
    buffers = text.buffers()
    faulty = pa.StringArray.from_buffers(1, buffers[1], buffers[2])
    return pa.table({"prompt": pa.array(["a"]), "completion": faulty})


def offsets_out_of_range() -> bytes:
    """A stream whose second text would end a megabyte behind the data."""
    content = stream_bytes(table_of({"prompt": ["aaaa"], "completion": ["bbbb"]}))
    offsets = struct.pack("<ii", 0, 4)
    at = content.rindex(offsets)
    return content[:at] + struct.pack("<ii", 0, 2**20) + content[at + 8 :]


def index_out_of_range() -> bytes:
    """A dictionary of one text, and a row that is the text of the number 99."""
    import pyarrow as pa

    answers = pa.DictionaryArray.from_arrays(pa.array([0, 0], pa.int32()), pa.array(["b c"]))
    content = stream_bytes(pa.table({"prompt": pa.array(["a", "a"]), "completion": answers}))
    at = content.rindex(struct.pack("<ii", 0, 0), 0, content.rindex(b"\xff\xff\xff\xff\0\0\0\0"))
    return content[:at] + struct.pack("<ii", 99, 99) + content[at + 8 :]


def unpacks_to_a_terabyte() -> bytes:
    """A packed stream whose largest buffer says that it unpacks to 1 TB."""
    content = stream_bytes(table_of({"prompt": ["a" * 100_000], "completion": ["b"]}), "zstd")
    said = struct.pack("<q", 100_000)
    at = content.rindex(said)  # after the schema, whose message has that number, too
    return content[:at] + struct.pack("<q", 2**40) + content[at + 8 :]


def one_text_many_times(rows: int) -> Build:
    """Stored once, 15 MB; meant in every row."""

    def build() -> Any:
        import pyarrow as pa

        answers = pa.DictionaryArray.from_arrays(
            pa.array([0] * rows, pa.int32()), pa.array(["a " * (15 * 2**19)])
        )
        return pa.table({"prompt": pa.array(["q"] * rows), "completion": answers})

    return build


def nulls(rows: int) -> Build:
    def build() -> Any:
        import pyarrow as pa

        return pa.table({"text": pa.nulls(rows, pa.string())})

    return build


def columns(count: int) -> Build:
    return lambda: table_of({f"c{number}": [0] for number in range(count)})


def deep(levels: int) -> Build:
    def build() -> Any:
        import pyarrow as pa

        kind, value = pa.string(), "a"
        for _ in range(levels):
            kind, value = pa.list_(kind), [value]
        return pa.table({"messages": pa.array([value], kind)})

    return build


def arrow_file(build: Build) -> Callable[[], bytes]:
    def make() -> bytes:
        import pyarrow as pa

        table, sink = build(), io.BytesIO()
        with pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        return sink.getvalue()

    return make


def feather_of_old() -> bytes:
    return b"FEA1" + b"\0" * 60 + b"FEA1"


CASES: tuple[Case, ...] = (
    accepted("Parquet", file("data.parquet", good_parquet), "3 trained on"),
    accepted("a stream of Arrow", file("data.arrow", good_stream), "3 trained on"),
    accepted("a file of Arrow", file("data.arrow", arrow_file(table_of)), "3 trained on"),
    accepted("Parquet without an ending", file("data", good_parquet), "3 trained on"),
    refused("Parquet without rows", parquet(nulls(0)), "no rows"),
    refused("a stream without rows", arrow(nulls(0)), "no rows"),
    refused("Parquet of nothing but nulls", parquet(nulls(3)), "line 1", "an empty object"),
    refused(
        "Parquet that is cut off",
        file("data.parquet", changed(good_parquet, lambda it: it[:-20])),
        DAMAGED,
    ),
    refused("a mark of Parquet alone", file("data.parquet", b"PAR1"), DAMAGED),
    refused("marks of Parquet alone", file("data.parquet", b"PAR1PAR1"), DAMAGED),
    refused(
        "a footer of zeros", file("data.parquet", with_footer(lambda it: b"\0" * len(it))), DAMAGED
    ),
    refused(
        "a footer of ones", file("data.parquet", with_footer(lambda it: b"\xff" * len(it))), DAMAGED
    ),
    refused(
        "a footer longer than the file",
        file("data.parquet", b"PAR1" + b"x" * 50 + b"\xff\xff\xff\x7fPAR1"),
        DAMAGED,
    ),
    refused(
        "pages of zeros",
        file("data.parquet", changed(good_parquet, lambda it: it[:4] + b"\0" * 60 + it[64:])),
        DAMAGED,
    ),
    refused("rows that are only declared", file("data.parquet", with_footer(declare_rows)), "rows"),
    refused("five million nulls in a few bytes", parquet(nulls(5_000_001)), "5,000,001 rows"),
    refused("five million nulls in a stream", arrow(nulls(5_000_001)), "line 1", "an empty object"),
    refused("encrypted Parquet", file("data.parquet", b"PARE" + b"x" * 60 + b"PARE"), "encrypted"),
    refused(
        "a pointer of Git LFS as Parquet",
        file("data.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        "Git LFS",
    ),
    refused("lines of JSON as Parquet", file("data.parquet", ROW), DAMAGED),
    refused(
        "Parquet as JSON Lines", file("data.jsonl", good_parquet), "Parquet under another name"
    ),
    refused("Parquet as Arrow", file("data.arrow", good_parquet), "Parquet under another name"),
    refused("Arrow as Parquet", file("data.parquet", good_stream), "Arrow under another name"),
    refused("text as Arrow", file("data.arrow", b"some text\n"), DAMAGED),
    refused("Feather of old", file("data.arrow", feather_of_old), DAMAGED),
    refused("ORC", file("data.orc", b"ORC" + b"\0" * 60), "does not say what is in it"),
    refused(
        "a text that is stored once and meant often", parquet(one_text_many_times(5_000)), "bytes"
    ),
    refused("the same in a stream", arrow(one_text_many_times(5_000)), "bytes"),
    refused("bytes", parquet(column(lambda pa: pa.binary(), [b"a"] * 3)), NO_TEXTS, "'binary'"),
    refused(
        "lists of bytes", parquet(column(lambda pa: pa.list_(pa.binary()), [[b"a"]] * 3)), NO_TEXTS
    ),
    refused("points in time", parquet(column(lambda pa: pa.timestamp("us"), [0] * 3)), "timestamp"),
    refused("days", parquet(column(lambda pa: pa.date32(), [0] * 3)), "date32"),
    refused("decimals", parquet(column(lambda pa: pa.decimal128(5), [1] * 3)), "decimal128"),
    refused(
        "maps",
        parquet(column(lambda pa: pa.map_(pa.string(), pa.string()), [[("a", "b")]] * 3)),
        "map",
    ),
    refused("spans of time", arrow(column(lambda pa: pa.duration("s"), [0] * 3)), "duration"),
    refused("views of texts", arrow(column(lambda pa: pa.string_view(), ["a"] * 3)), "string_view"),
    accepted(
        "a column of nulls", parquet(column(lambda pa: pa.null(), [None] * 3)), "3 trained on"
    ),
    accepted(
        "a dictionary",
        parquet(column(lambda pa: pa.dictionary(pa.int8(), pa.string()), ["a"] * 3)),
        "3 trained on",
    ),
    refused(
        "a dictionary of bytes",
        arrow(column(lambda pa: pa.dictionary(pa.int8(), pa.binary()), [b"a"] * 3)),
        NO_TEXTS,
    ),
    refused("a pickle as an extension", arrow(extension("arrow.py_extension_type")), NO_TEXTS),
    refused("an unknown extension", parquet(extension("evil.type")), NO_TEXTS),
    refused(
        "two columns of one name",
        arrow(two_columns_of_one_name),
        DIFFER,
        "two columns 'completion'",
    ),
    refused("two fields of one name", arrow(two_fields_of_one_name), DIFFER, "two columns 'role'"),
    refused(
        "100,000 columns",
        file("data.arrow", lambda: stream_bytes(columns(100_000)())),
        "1,000 columns",
    ),
    refused("2,000 columns", parquet(columns(2_000)), "1,000 columns"),
    refused("lists 10 deep", parquet(deep(10)), "a list as messages[0]"),
    refused("lists 50 deep", parquet(deep(50)), "too deeply nested"),
    refused("lists 40 deep in a stream", arrow(deep(40)), "a list as messages[0]"),
    refused("lists 300 deep", parquet(deep(300)), "too deeply nested"),
    refused("a column that colours", parquet(lambda: table_of({"\x1b[31m": ["a"]})), r"\x1b[31m"),
    refused(
        "a column that looks like another",
        parquet(lambda: table_of({"prompt": ["a"], "compl\u0435tion": ["b"]})),
        r"\u0435",
    ),
    refused("invalid UTF-8 in Parquet", parquet(invalid_text), DAMAGED),
    refused("invalid UTF-8 in a stream", arrow(invalid_text), DAMAGED),
    refused("texts that end behind the data", file("data.arrow", offsets_out_of_range), DAMAGED),
    refused(
        "texts that are not in the dictionary", file("data.arrow", index_out_of_range), DAMAGED
    ),
    refused("a buffer that says 1 TB", file("data.arrow", unpacks_to_a_terabyte), "1,099,5"),
    refused(
        "a stream that is cut off",
        file("data.arrow", changed(good_stream, lambda it: it[:-30])),
        DAMAGED,
    ),
    refused(
        "a stream without its end",
        file("data.arrow", changed(good_stream, lambda it: it[:-8])),
        DAMAGED,
    ),
    refused(
        "more behind the stream",
        file("data.arrow", changed(good_stream, lambda it: it + good_stream())),
        DAMAGED,
    ),
    refused(
        "a stream that begins with a huge message",
        file("data.arrow", b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"\0" * 64),
        DAMAGED,
    ),
    refused(
        "a stream of a negative message",
        file("data.arrow", b"\xff\xff\xff\xff\0\0\0\x80" + b"\0" * 64),
        DAMAGED,
    ),
    refused("a mark of a stream alone", file("data.arrow", b"\xff\xff\xff\xff"), DAMAGED),
    refused(
        "a file of Arrow that is cut off",
        file("data.arrow", changed(arrow_file(table_of), lambda it: it[:-20])),
        DAMAGED,
    ),
    refused(
        "a file of Arrow with a wrong footer",
        file(
            "data.arrow",
            changed(arrow_file(table_of), lambda it: it[:-10] + b"\xff\xff\xff\x7fARROW1"),
        ),
        DAMAGED,
    ),
    refused(
        "chats as JSON in a column",
        parquet(lambda: table_of({"messages": ["[]"]})),
        "'[]' as 'messages'",
    ),
    accepted(
        "texts that colour", parquet(lambda: table_of({"text": ["a \x1b[31mb"]})), r"\x1b[31mb"
    ),
    refused(
        "a table of other things",
        parquet(lambda: table_of({"x": [1], "y": [2]})),
        "the fields 'x', 'y'",
    ),
    refused(
        "token ids",
        file("data.jsonl", line({"input_ids": [1, 2], "labels": [-100, -100]})),
        "token ids",
    ),
)
