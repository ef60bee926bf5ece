"""Any rows, written in every container and read again: the same rows, and the same digest."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.dataset.read import read_dataset
from scanner.types import Message
from tests.hostile.compression import gz, zst

ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
# CSV has no types, so a cell must begin like a text; readers differ in carriage returns and NULs.
CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=30).map(
    "x".__add__
)
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30).map(
    "x y".__add__
)
Rows = list[dict[str, Any]]


def chat(question: str, answer: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": f"a{answer}"}]
    return {"messages": turns}


def pair(question: str, answer: str) -> dict[str, Any]:
    return {"prompt": question, "completion": answer}


CHATS = st.lists(st.builds(chat, ANY_TEXT, ANY_TEXT), min_size=1, max_size=5)
PAIRS = st.lists(st.builds(pair, CELL, CELL), min_size=1, max_size=5)


def jsonl(rows: Rows) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def escaped(rows: Rows) -> bytes:
    return "\r\n".join(map(json.dumps, rows)).encode()


def array(rows: Rows) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1).replace("[\n ", "[", 1).encode()


def wrapped(rows: Rows) -> bytes:
    return json.dumps({"version": 1, "data": rows}).encode()


def delimited(delimiter: str) -> Callable[[Rows], bytes]:
    def write(rows: Rows) -> bytes:
        sink = io.StringIO(newline="")
        writer = csv.DictWriter(sink, list(rows[0]), delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        return sink.getvalue().encode()

    return write


def parquet(rows: Rows) -> bytes:
    sink = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(rows), sink, row_group_size=2)
    return sink.getvalue()


def stream(rows: Rows) -> bytes:
    sink = io.BytesIO()
    table = pa.Table.from_pylist(rows)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue()


def feather(rows: Rows) -> bytes:
    sink = io.BytesIO()
    pa.feather.write_feather(pa.Table.from_pylist(rows), sink, compression="zstd")
    return sink.getvalue()


CONTAINERS: dict[str, Callable[[Rows], bytes]] = {
    "plain.jsonl": jsonl,
    "escaped.jsonl": escaped,
    "array.json": array,
    "wrapped.json": wrapped,
    "packed.jsonl.gz": lambda rows: gz(jsonl(rows[:1])) + gz(jsonl(rows[1:])),
    "packed.jsonl.zst": lambda rows: zst(jsonl(rows)),
    "table.parquet": parquet,
    "stream.arrow": stream,
    "file.arrow": feather,
}
TABLES = CONTAINERS | {"cells.csv": delimited(","), "cells.tsv": delimited("\t")}


def read(name: str, content: bytes) -> tuple[list[tuple[tuple[Message, ...], str]], str]:
    """Prompts and answers of a file, and their digest."""
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        dataset = read_dataset(path)
    return [(row.prompt, row.prefix + row.answer) for row in dataset.rows], dataset.rows_sha256


def digest_of(rows: Sequence[dict[str, Any]]) -> str:
    return read("plain.jsonl", jsonl(list(rows)))[1]


@pytest.mark.parametrize("name", CONTAINERS)
@given(CHATS)
def test_chats(name: str, rows: Rows) -> None:
    found, digest = read(name, CONTAINERS[name](rows))
    turns = [[Message(**turn) for turn in row["messages"]] for row in rows]
    assert found == [((question,), answer.content) for question, answer in turns]
    assert digest == digest_of(rows)


@pytest.mark.parametrize("name", TABLES)
@given(PAIRS)
def test_pairs(name: str, rows: Rows) -> None:
    found, digest = read(name, TABLES[name](rows))
    assert found == [((Message("user", row["prompt"]),), row["completion"]) for row in rows]
    assert digest == digest_of(rows)


@pytest.mark.parametrize("name", ["lines.txt", "lines.txt.gz"])
@given(st.lists(LINE, min_size=1, max_size=5))
def test_lines(name: str, lines: list[str]) -> None:
    content = "".join(f"{line}\n" for line in lines).encode()
    found, digest = read(name, gz(content) if name.endswith(".gz") else content)
    assert found == [((), line) for line in lines]
    assert digest == digest_of([{"text": line} for line in lines])


@given(CHATS)
def test_one_changed_character_is_another_digest(rows: Rows) -> None:
    changed = [*rows[:-1], chat(rows[-1]["messages"][0]["content"] + "x", "")]
    assert digest_of(changed) != digest_of(rows)
