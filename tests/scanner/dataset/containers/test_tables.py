"""Parquet and Arrow: the same rows as the trainer's, and no column or file that could hurt."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scanner.dataset.interface import Entry, ReaderDisagreement, RowProblem
from scanner.dataset.limits import Limits

Write = Callable[[str, bytes], Path]
Entries = Callable[..., list[Entry]]
TrainersRows = Callable[[Path, str], list[dict[str, Any]] | None]
Save = Callable[[Path, pa.Table], None]

CHATS = [
    {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "x"}]},
    {"messages": [{"role": "user", "content": "é 🦉"}, {"role": "assistant", "content": ""}]},
]


def save_parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path)


def save_stream(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)


def save_file(path: Path, table: pa.Table) -> None:
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)


def save_packed(path: Path, table: pa.Table) -> None:
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(path, table.schema, options=options) as stream:
        stream.write_table(table)


def save_packed_file(path: Path, table: pa.Table) -> None:
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_file(path, table.schema, options=options) as file:
        file.write_table(table)


SAVERS = {
    "x.parquet": save_parquet,
    "stream.arrow": save_stream,
    "file.arrow": save_file,
    "packed.arrow": save_packed,
    "packed file.arrow": save_packed_file,
}
every_saver = pytest.mark.parametrize(("name", "save"), SAVERS.items(), ids=list(SAVERS))


def json_column(texts: list[str]) -> pa.Array:
    return pa.array(texts).cast(pa.json_())


@every_saver
@pytest.mark.parametrize(
    "table",
    [
        pa.Table.from_pylist(CHATS),
        pa.table({"p": ["a", "b"], "c": pa.array(["x", None]), "n": [1, 2], "f": [True, False]}),
        pa.table({"p": pa.array(["a", "b", "a"]).dictionary_encode()}),
        pa.table({"p": pa.array(["a", "b"], pa.large_string()), "s": [0.5, 1.0]}),
        pa.table({"p": pa.array([["a"], [], None]), "n": pa.nulls(3)}),
        pa.table({"p": ["a"], "t": json_column(['{"b":[1,"c"]}'])}),
    ],
    ids=["chats", "plain", "dictionary", "large", "lists and nulls", "JSON"],
)
def test_the_rows_that_trainers_read(
    tmp_path: Path,
    records: Callable[..., Any],
    trainers_rows: TrainersRows,
    name: str,
    save: Save,
    table: pa.Table,
) -> None:
    save(tmp_path / name, table)
    builder = "parquet" if name.endswith(".parquet") else "arrow"
    theirs = trainers_rows(tmp_path / name, builder)
    assert theirs is not None
    assert records(tmp_path / name) == theirs


@every_saver
def test_rows_are_numbered_through_batches(
    tmp_path: Path, entries: Entries, name: str, save: Save
) -> None:
    table = pa.table({"p": [str(number) for number in range(3000)]})
    save(tmp_path / name, pa.concat_tables([table, table.slice(0, 10)]))
    found = entries(tmp_path / name)
    assert [one.line for one in found] == list(range(1, 3011))
    assert found[2999].content == {"p": "2999"}
    assert found[3000][:3] == (3001, {"p": "0"}, b'{"p": "0"}')


def test_chats_over_many_row_groups(tmp_path: Path, records: Callable[..., Any]) -> None:
    """``datasets`` writes 1,000 rows to a group, which is no multiple of what is read at once."""
    rows = [{"messages": [{"role": "user", "content": f"{number}"}]} for number in range(2_500)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet", row_group_size=1_000)
    assert records(tmp_path / "x.parquet") == rows


def test_a_json_cell_is_read_strictly(tmp_path: Path, records: Callable[..., Any]) -> None:
    save_stream(tmp_path / "x.arrow", pa.table({"t": json_column(['{"a":1,"a":2}'])}))
    (found,) = records(tmp_path / "x.arrow")
    assert isinstance(found, ReaderDisagreement)
    assert found.found == "the key 'a' twice in one object"


class Marked(pa.ExtensionType):
    """A type that a hostile file could bring along."""

    def __init__(self) -> None:
        super().__init__(pa.string(), "vendor.marked")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""


@every_saver
@pytest.mark.parametrize(
    ("column", "found"),
    [
        (pa.array([b"x"]), "the column 'p' of the type 'binary'"),
        (pa.array([[b"x"]]), "the column 'p[]' of the type 'binary'"),
        (pa.array([{"q": b"x"}]), "the column 'p.q' of the type 'binary'"),
        (pa.array([0], pa.timestamp("s")), "the column 'p' of the type 'timestamp["),
        (
            pa.array([[("a", "b")]], pa.map_(pa.string(), pa.string())),
            "the column 'p' of the type ",
        ),
        (pa.ExtensionArray.from_storage(Marked(), pa.array(["x"])), "the column 'p' of the type "),
    ],
    ids=["binary", "binaries in a list", "binaries in a struct", "times", "map", "extension"],
)
def test_a_column_that_holds_no_texts(
    tmp_path: Path, entries: Entries, name: str, save: Save, column: pa.Array, found: str
) -> None:
    save(tmp_path / name, pa.table({"p": column}))
    with pytest.raises(RowProblem) as caught:
        entries(tmp_path / name)
    assert caught.value.found.startswith(found)


@every_saver
def test_two_columns_of_a_name(tmp_path: Path, entries: Entries, name: str, save: Save) -> None:
    save(tmp_path / name, pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], ["p", "p"]))
    with pytest.raises(ReaderDisagreement, match="two columns 'p'"):
        entries(tmp_path / name)


@every_saver
@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (Limits(columns=3), "more than 3 columns"),
        (Limits(line_bytes=50), "a row of more than 50 bytes"),
        (Limits(decoded_bytes=100), "a table of more than 100 bytes"),
        (Limits(batch_bytes=30), "of .* bytes"),
    ],
)
def test_caps(
    tmp_path: Path, entries: Entries, name: str, save: Save, limits: Limits, found: str
) -> None:
    save(tmp_path / name, pa.Table.from_pylist(CHATS))
    assert len(entries(tmp_path / name)) == 2
    with pytest.raises(RowProblem, match=found):
        entries(tmp_path / name, limits)


def test_more_parquet_rows_than_the_cap(tmp_path: Path, entries: Entries) -> None:
    save_parquet(tmp_path / "x.parquet", pa.Table.from_pylist(CHATS))
    with pytest.raises(RowProblem, match="a Parquet file of 2 rows"):
        entries(tmp_path / "x.parquet", Limits(records=1))


def test_a_text_that_is_stored_once_and_meant_often(tmp_path: Path, entries: Entries) -> None:
    """1 MB in the file, a gigabyte of rows: seen before they are made."""
    table = pa.table({"p": pa.array(["x" * 2**20] * 1000).dictionary_encode()})
    save_parquet(tmp_path / "x.parquet", table)
    save_stream(tmp_path / "x.arrow", table)
    assert (tmp_path / "x.parquet").stat().st_size < 2**21
    for name in ("x.parquet", "x.arrow"):
        with pytest.raises(RowProblem, match="256 rows of more than 67,108,864 bytes"):
            entries(tmp_path / name, Limits(batch_bytes=2**26))


@pytest.mark.parametrize(
    ("name", "save"), [("x.arrow", save_packed), ("y.arrow", save_packed_file)], ids=["zstd", "lz4"]
)
def test_an_arrow_bomb(tmp_path: Path, entries: Entries, name: str, save: Save) -> None:
    """A gigabyte of zeros, packed: refused by its own word, before any of it is unpacked."""
    save(tmp_path / name, pa.table({"n": pa.array([0] * 2**20, pa.int64())}))
    assert (tmp_path / name).stat().st_size < 2**18
    before = pa.total_allocated_bytes()
    with pytest.raises(RowProblem, match=r"an Arrow batch of 8,388,608 bytes"):
        entries(tmp_path / name, Limits(batch_bytes=2**20))
    assert pa.total_allocated_bytes() == before


@every_saver
def test_no_rows(tmp_path: Path, entries: Entries, name: str, save: Save) -> None:
    save(tmp_path / name, pa.table({"p": pa.array([], pa.string())}))
    assert entries(tmp_path / name) == []


@every_saver
def test_every_cut_is_refused(tmp_path: Path, entries: Entries, name: str, save: Save) -> None:
    save(tmp_path / "whole", pa.Table.from_pylist(CHATS))
    content = (tmp_path / "whole").read_bytes()
    for end in range(8, len(content), 37):
        (tmp_path / name).write_bytes(content[:end])
        with pytest.raises(RowProblem, match="damaged or cut off"):
            entries(tmp_path / name)


@every_saver
def test_a_damaged_byte_never_escapes_as_another_error(
    tmp_path: Path, entries: Entries, name: str, save: Save
) -> None:
    save(tmp_path / "whole", pa.Table.from_pylist(CHATS))
    content = (tmp_path / "whole").read_bytes()
    for at in range(8, len(content), 11):
        for byte in (b"\x00", b"\xff", b"\x80"):
            (tmp_path / name).write_bytes(content[:at] + byte + content[at + 1 :])
            try:
                entries(tmp_path / name)
            except RowProblem as problem:
                assert "\x1b" not in str(problem)


def test_bytes_behind_a_stream(tmp_path: Path, entries: Entries) -> None:
    """Readers stop where the stream ends; what comes after it is nobody's."""
    path = tmp_path / "x.arrow"
    save_stream(path, pa.Table.from_pylist(CHATS))
    path.write_bytes(path.read_bytes() * 2)
    with pytest.raises(RowProblem, match="bytes after the end of the stream"):
        entries(path)


def test_a_message_that_claims_more_than_the_file(tmp_path: Path, entries: Entries) -> None:
    path = tmp_path / "x.arrow"
    path.write_bytes(b"\xff\xff\xff\xff" + struct.pack("<i", 2**31 - 1) + b"\0" * 100)
    with pytest.raises(RowProblem, match="a message that is cut off"):
        entries(path)


def test_neither_pandas_nor_datasets_is_loaded(tmp_path: Path) -> None:
    save_parquet(tmp_path / "x.parquet", pa.Table.from_pylist(CHATS))
    save_stream(tmp_path / "x.arrow", pa.Table.from_pylist(CHATS))
    script = f"""
import sys
from pathlib import Path
from scanner.dataset.containers.detect import detect_container
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file
for path in Path({str(tmp_path)!r}).iterdir():
    with open_file(path, Limits()) as file:
        assert len(list(detect_container(file).entries(file))) == 2
print(*{{"pyarrow", "pandas", "datasets"}} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "pyarrow\n"
