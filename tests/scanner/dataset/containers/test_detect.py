"""Which container a file is, and what is said where content and name disagree."""

import gzip
import io
import pickle
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scanner.dataset.containers.detect import Name, detect_container, name_of
from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Write = Callable[[str, bytes], Path]

LINE = b'{"a":"1"}\n'


def name_alone(value: object) -> str | None:
    """An id that is the same in every process: archives hold the time."""
    return "" if isinstance(value, bytes) else None


def parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table({"a": ["1"]}), stream)
    return stream.getvalue()


def arrow() -> bytes:
    stream = io.BytesIO()
    with pa.ipc.new_stream(stream, pa.schema({"a": pa.string()})) as writer:
        writer.write_table(pa.table({"a": ["1"]}))
    return stream.getvalue()


def zipped() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.jsonl", LINE)
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x.jsonl"))
    return stream.getvalue()


def container(path: Path) -> str:
    with open_file(path, Limits()) as file:
        return detect_container(file).name


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("x.jsonl", LINE, "JSON Lines"),
        ("X.JSONL", LINE, "JSON Lines"),
        ("x.ndjson", LINE, "JSON Lines"),
        ("x.json", LINE, "JSON"),
        ("x.json", b"[" + LINE + b"]", "JSON"),
        ("x.csv", b"a\n1\n", "CSV"),
        ("x.tsv", b"a\tb\n1\t2\n", "TSV"),
        ("x.txt", b"[INST] one\n", "text"),
        ("x.txt", b"{one}\n", "text"),
        ("x.parquet", parquet(), "Parquet"),
        ("x.arrow", arrow(), "Arrow"),
        ("part-0", parquet(), "Parquet"),
        ("rows.v2", LINE, "JSON"),
        ("x.jsonl.gz", gzip.compress(LINE), "JSON Lines"),
        ("x.csv.ZST", zstd.compress(b"a\n1\n"), "CSV"),
        ("rows.gz", gzip.compress(b"[" + LINE + b"]"), "JSON"),
    ],
    ids=name_alone,
)
def test_detected(write: Write, name: str, content: bytes, expected: str) -> None:
    assert container(write(name, content)) == expected


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("x.jsonl", b"[" + LINE + b"]", "a JSON array under another name"),
        ("x.jsonl", parquet(), "Parquet under another name"),
        ("x.parquet", arrow(), "Arrow under another name"),
        ("x.csv", LINE, "JSON under another name"),
        ("x.txt", b" [ \n{", "JSON under another name"),
        ("x.jsonl", gzip.compress(LINE), "a .gz file under another name"),
        ("x.jsonl.zst", gzip.compress(LINE), "a .gz file under another name"),
        ("x.jsonl.gz", LINE, "a file that is not packed under another name"),
        ("x.jsonl.gz", gzip.compress(gzip.compress(LINE)), "a gzip file"),
        ("x.jsonl.gz", gzip.compress(zipped()), "a zip file, or what is one (.pt, .npz, .xlsx)"),
        ("x.parquet.gz", gzip.compress(parquet()), "Parquet packed as .gz"),
        ("x.jsonl", zipped(), "a zip file, or what is one (.pt, .npz, .xlsx)"),
        ("x.jsonl", tarred(), "a tar file"),
        ("x.pkl", pickle.dumps([1]), "a pickle, which can run code when it is read"),
        ("x.jsonl", LINE.decode().encode("utf-16"), "UTF-16 text"),
        ("x.7z", b"7z\xbc\xaf\x27\x1c", "a 7z file"),
        ("x.jsonl", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
         "a Git LFS pointer instead of the file"),
        ("x.dat", b"one\n", "a file whose name does not say what is in it"),
        ("x", b"", "a file whose name does not say what is in it"),
    ],
    ids=name_alone,
)  # fmt: skip
def test_refused(write: Write, name: str, content: bytes, found: str) -> None:
    with pytest.raises(RowProblem) as caught:
        container(write(name, content))
    assert caught.value.found == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.jsonl", (".jsonl", None)),
        ("a.b.JSON.Gz", (".json", ".gz")),
        ("a.gz", ("", ".gz")),
        ("a.py", ("", None)),
        (".jsonl", ("", None)),
    ],
)
def test_what_a_name_says(name: str, expected: tuple[str, str | None]) -> None:
    assert name_of(Path(name)) == Name(*expected)
