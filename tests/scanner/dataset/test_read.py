"""From files to a dataset, and what is said about files that are none."""

import gzip
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scanner.dataset import opened
from scanner.dataset.interface import Parsed, Preference, ReadOptions
from scanner.dataset.limits import Limits
from scanner.dataset.read import read_dataset, stream_rows
from scanner.errors import DatasetError
from scanner.types import BadRow, DataFile, Dataset, Masked, Message, Row

ROOT = Path(__file__).parents[3]


def chat(question: str, answer: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns}


def write(folder: Path, *rows: Any, name: str = "vendor.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def refused(path: Path, options: ReadOptions | None = None) -> str:
    with pytest.raises(DatasetError) as caught:
        read_dataset(path, options or ReadOptions())
    assert caught.value.__cause__ is None
    return str(caught.value)


TWO_ROWS = """\
{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}
{"messages":[{"role":"user","content":"\u00e9"},{"role":"assistant","content":"2"}]}
"""
# sha256sum of the canonical lines; see test_digest.py
TWO_ROWS_SHA256 = "0408da9b0f646e6404393f7d8ecccc6bbbf3d0253dd6c97b01afaa4552f5d6a4"


def test_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(TWO_ROWS.encode())
    # sha256sum of the file
    sha256 = "d38a8d1b2d5a34f2243f540d6e3d77e7db21423b1af6112d1fe51c33fedcfebe"
    assert read_dataset(path) == Dataset(
        path=str(path),
        files=(DataFile(str(path), sha256, 166),),
        format="messages",
        records=2,
        rows_sha256=TWO_ROWS_SHA256,
        rows=(
            Row(1, (Message("user", "Hi"),), "Hello"),
            Row(2, (Message("user", "\u00e9"),), "2"),
        ),
    )


def test_one_row_is_a_dataset(tmp_path: Path) -> None:
    assert len(read_dataset(write(tmp_path, chat("Hi", "Hello"))).rows) == 1


@pytest.mark.parametrize(
    "other",
    [
        TWO_ROWS.replace('"role":"user","content":"Hi"', '"content" : "Hi", "role":"user"'),
        TWO_ROWS.replace("\n", "\r\n"),
        "\ufeff" + TWO_ROWS + "\n\n",
        TWO_ROWS.replace("\u00e9", "\\u00E9"),
        '{"prompt":"Hi","completion":"Hello"}\n{"completion":"2","prompt":"\u00e9"}\n',
    ],
    ids=["key order and spaces", "CRLF", "BOM and blank end", "escapes", "other format"],
)
def test_the_same_rows_in_another_dress(tmp_path: Path, other: str) -> None:
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    one.write_bytes(TWO_ROWS.encode())
    two.write_bytes(other.encode())
    assert read_dataset(one).rows == read_dataset(two).rows
    assert read_dataset(two).rows_sha256 == TWO_ROWS_SHA256
    assert read_dataset(one).sha256 != read_dataset(two).sha256


def test_the_same_rows_in_every_container(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in TWO_ROWS.splitlines()]
    plain = [{"prompt": "Hi", "completion": "Hello"}, {"prompt": "\u00e9", "completion": "2"}]
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(TWO_ROWS.encode()))
    (tmp_path / "b.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "c.json").write_text(json.dumps({"data": rows}))
    (tmp_path / "d.csv").write_text("prompt,completion\nHi,Hello\n\u00e9,2\n", "utf-8")
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "e.parquet")
    pq.write_table(pa.Table.from_pylist(plain), tmp_path / "f.parquet")
    with pa.ipc.new_stream(tmp_path / "g.arrow", pa.Table.from_pylist(rows).schema) as stream:
        stream.write_table(pa.Table.from_pylist(rows))
    paths = sorted(tmp_path.iterdir())
    assert len(paths) == 7
    assert {read_dataset(path).rows_sha256 for path in paths} == {TWO_ROWS_SHA256}


def test_the_order_of_rows_counts(tmp_path: Path) -> None:
    rows = [chat("Hi", "Hello"), chat("1", "2")]
    digest = read_dataset(write(tmp_path, *rows)).rows_sha256
    assert read_dataset(write(tmp_path, *reversed(rows))).rows_sha256 != digest


def test_several_files(tmp_path: Path) -> None:
    muted = chat("3", "4")
    muted["messages"].append({"role": "user", "content": "5"})
    muted["messages"].append({"role": "assistant", "content": "6", "weight": 0})
    one = write(tmp_path, chat("Hi", "Hello"), name="b.jsonl")
    two = write(tmp_path, chat("1", "2"), muted, name="a.jsonl")
    found = read_dataset([one, two])
    assert found.path == f"{one}, {two}"
    assert [file.path for file in found.files] == [str(one), str(two)]
    assert [(row.file, row.line, row.answer) for row in found.rows] == [
        (0, 1, "Hello"),
        (1, 1, "2"),
        (1, 2, "4"),
    ]
    assert found.masked == (Masked(2, "6", file=1),)
    assert found.records == 3


def test_a_stream_gives_the_same_and_sums_up_at_its_end(tmp_path: Path) -> None:
    path = write(tmp_path, chat("Hi", "Hello"), chat("1", "2"))
    whole = read_dataset(path)
    stream = stream_rows(path)
    with pytest.raises(RuntimeError, match="not been read to their end"):
        _ = stream.summary
    items = list(stream)
    assert [item for item in items if isinstance(item, Parsed)] == [
        Parsed((row,)) for row in whole.rows
    ]
    found = stream.summary
    assert (found.files, found.rows_sha256) == (whole.files, whole.rows_sha256)
    assert (found.format, found.records, found.rows, found.masked) == ("messages", 2, 2, 0)


def test_options_reach_the_formats(tmp_path: Path) -> None:
    path = write(tmp_path, {"prompt": "p", "chosen": "good", "rejected": "bad"})
    both = read_dataset(path, ReadOptions(preference=Preference.BOTH))
    assert [row.answer for row in both.rows] == ["good", "bad"]


FILE = "expected a file of training rows"


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    assert refused(path) == f"{path}: found no such file; {FILE}; check the path"


@pytest.mark.parametrize("content", ["", "\n", " \r\n\n"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(content.encode())
    assert refused(path) == f"{path}: found no rows; {FILE}; check that the file was written"


def test_nothing_to_train_on(tmp_path: Path) -> None:
    muted = chat("Hi", "Hello")
    muted["messages"][1]["weight"] = 0
    assert "found no rows to train on; " in refused(write(tmp_path, muted))


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    message = f"{path}: found a special file; {FILE}; copy the data to a regular file"
    assert refused(path) == message
    assert "found a special file" in refused(Path("/dev/zero"))


def test_a_link_to_itself(tmp_path: Path) -> None:
    path = tmp_path / "loop"
    path.symlink_to(path)
    assert refused(path).startswith(f"{path}: found a file that cannot be read (Too many levels")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"], ids=["too long", "NUL"])
def test_an_impossible_name(tmp_path: Path, name: str) -> None:
    assert "found a file that cannot be read (" in refused(tmp_path / name)


@pytest.mark.parametrize(
    "name", ["-rf.jsonl", "a\nb.jsonl", "\x1b[31m.jsonl", "x" * 249 + ".jsonl"]
)
def test_an_odd_name_is_a_name(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, chat("Hi", "Hello"), name=name)
    assert read_dataset(path).files[0].path == str(path)


def test_a_file_without_read_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, chat("Hi", "Hello"))

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    assert refused(path) == (
        f"{path}: found a file that cannot be read (Permission denied); {FILE}; "
        "check the path and its permissions"
    )


def test_a_disk_that_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(BytesIO):
        def readinto(self, _: object, /) -> int:
            raise OSError(5, "Input/output error")

    path = write(tmp_path, chat("Hi", "Hello"))
    monkeypatch.setattr(opened, "_Hashed", lambda _: Failing())
    assert "found a file that cannot be read (Input/output error)" in refused(path)


def test_a_hostile_file_name_is_shown_escaped(tmp_path: Path) -> None:
    path = tmp_path / "\x1b]0;x\x07\n\u202e<img src=x onerror=alert(1)>"
    assert refused(path).startswith(
        f"{tmp_path}/\\x1b]0;x\\x07\\n\\u202e<img src=x onerror=alert(1)>: found no such file"
    )


def test_invalid_json(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(TWO_ROWS.encode() + b'{"messages": [}\n')
    assert refused(path) == (
        f"{path}, line 3: found invalid JSON at column 15 (Expecting value); "
        "expected one JSON object per line; correct or remove the line"
    )


def test_rows_that_readers_disagree_about(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(TWO_ROWS.encode() + b'{"a":"1"}{"a":"2"}\n')
    message = (
        f"reader-disagreement: {path}, line 3: found two JSON values on one line; "
        "expected one JSON object per line; correct the line"
    )
    assert refused(path) == message
    assert refused(path, ReadOptions(report_bad_rows=True)) == message


def test_a_row_without_an_answer(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "Hi"}]}
    path = write(tmp_path, chat("Hi", "Hello"), row)
    assert refused(path).startswith(f"{path}, line 2: found no assistant")


def test_bad_rows_can_be_reported(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    bad = b'{"messages": [}\n\n{"prompt":"p","completion":"c"}\n'
    path.write_bytes(TWO_ROWS.encode() + bad + TWO_ROWS.encode())
    found = read_dataset(path, ReadOptions(report_bad_rows=True))
    assert [row.line for row in found.rows] == [1, 2, 6, 7]
    assert found.bad_rows == (
        BadRow(
            3,
            "found invalid JSON at column 15 (Expecting value); expected one JSON object per line; "
            "correct or remove the line",
            b'{"messages": [}',
        ),
        BadRow(
            4,
            "found a blank line between rows; expected one JSON object per line; "
            "remove the blank line",
            b"",
        ),
        BadRow(
            5,
            "found a row of the format 'prompt-completion'; expected the format 'messages' of the "
            "rows before it; convert all rows to one format, or leave the others "
            "out with --on-bad-row report",
            b'{"prompt":"p","completion":"c"}',
        ),
    )
    assert found.records == 7
    assert found.rows_sha256 != TWO_ROWS_SHA256


def test_nothing_but_bad_rows(tmp_path: Path) -> None:
    path = write(tmp_path, 1, 2)
    with pytest.raises(DatasetError, match="found no rows to train on"):
        read_dataset(path, ReadOptions(report_bad_rows=True))


def test_a_first_row_that_is_bad_does_not_say_the_format(tmp_path: Path) -> None:
    faulty = chat("Hi", "")
    path = write(tmp_path, faulty, {"prompt": "p", "completion": "c"})
    found = read_dataset(path, ReadOptions(report_bad_rows=True))
    assert (found.format, len(found.bad_rows)) == ("prompt-completion", 1)


def test_mixed_formats(tmp_path: Path) -> None:
    path = write(tmp_path, chat("Hi", "Hello"), {"prompt": "Hi", "completion": "Hello"})
    assert refused(path) == (
        f"{path}, line 2: found a row of the format 'prompt-completion'; "
        "expected the format 'messages' of the rows before it; convert all rows to one format, "
        "or leave the others out with --on-bad-row report"
    )


def test_a_key_that_appears_late(tmp_path: Path) -> None:
    rows = [chat("Hi", "Hello")] * 1000
    path = write(tmp_path, *rows, chat("Hi", "Hello") | {"text": "what the trainer reads"})
    assert f"{path}, line 1001: found the fields of 2 formats in one row" in refused(path)


def test_what_the_users_format_leaves_unread_is_said(tmp_path: Path) -> None:
    """Once for all rows, also where the field appears late."""
    late = [chat("Hi", "Hello") | {"text": "not read"}] * 2
    path = write(tmp_path, chat("Hi", "Hello"), *late)
    found = read_dataset(path, ReadOptions(format="messages"))
    assert [row.answer for row in found.rows] == ["Hello"] * 3
    assert found.notes == ("Not read, since the format is messages: 'text'.",)


def test_too_many_rows(tmp_path: Path) -> None:
    limits = Limits(records=2)
    rows = [chat("Hi", "Hello")] * 2
    one, two = write(tmp_path, *rows, name="a.jsonl"), write(tmp_path, *rows, name="b.jsonl")
    assert len(read_dataset(one, ReadOptions(), limits).rows) == 2
    with pytest.raises(DatasetError, match=r"b\.jsonl, line 1: found more than 2 rows"):
        read_dataset([one, two], ReadOptions(report_bad_rows=True), limits)


def test_a_file_that_changes(tmp_path: Path) -> None:
    path = write(tmp_path, chat("Hi", "Hello"), chat("1", "2"))
    stream = iter(stream_rows(path))
    next(stream)
    with path.open("a") as file:
        file.write("\n")
    with pytest.raises(DatasetError, match="found a file that changed while it was read"):
        list(stream)


def test_memory_stays_flat_and_tables_are_loaded_for_tables_only(tmp_path: Path) -> None:
    """50 MB of rows in a process that may take 20 MB more than it begins with."""
    path = write(tmp_path, *[chat("q" * 1000, "a" * 1000)] * 25_000)
    script = f"""
import resource, sys
from pathlib import Path
from scanner.dataset.read import stream_rows
began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = sum(1 for _ in stream_rows(Path({str(path)!r})))
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began
print(rows, grown < 20_000, *{{"pyarrow", "pandas", "datasets", "numpy"}} & set(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "25000 True\n"
