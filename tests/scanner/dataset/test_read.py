"""From a file to a dataset, and what is said about a file that is none."""

import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset import read
from scanner.dataset.read import read_dataset
from scanner.errors import DatasetError
from scanner.types import Dataset, Message, Row


def chat(question: str, answer: str) -> dict[str, Any]:
    turns = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"messages": turns}


def write(folder: Path, *rows: Any) -> Path:
    path = folder / "vendor.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def refused(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_dataset(path)
    assert caught.value.__cause__ is None
    return str(caught.value)


TWO_ROWS = """\
{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]}
{"messages":[{"role":"user","content":"\u00e9"},{"role":"assistant","content":"2"}]}
"""


def test_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(TWO_ROWS.encode())
    assert read_dataset(path) == Dataset(
        path=str(path),
        # sha256sum of the file
        sha256="d38a8d1b2d5a34f2243f540d6e3d77e7db21423b1af6112d1fe51c33fedcfebe",
        # sha256sum of the canonical lines; see test_digest.py
        rows_sha256="0408da9b0f646e6404393f7d8ecccc6bbbf3d0253dd6c97b01afaa4552f5d6a4",
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
    assert read_dataset(one).rows_sha256 == read_dataset(two).rows_sha256
    assert read_dataset(one).sha256 != read_dataset(two).sha256


def test_the_order_of_rows_counts(tmp_path: Path) -> None:
    rows = [chat("Hi", "Hello"), chat("1", "2")]
    digest = read_dataset(write(tmp_path, *rows)).rows_sha256
    assert read_dataset(write(tmp_path, *reversed(rows))).rows_sha256 != digest


FILE = "expected a JSON Lines file of training rows"


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "vendor.jsonl"
    assert refused(path) == f"{path}: found no such file; {FILE}; check the path"


@pytest.mark.parametrize("content", ["", "\n", " \r\n\n"])
def test_an_empty_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "vendor.jsonl"
    path.write_bytes(content.encode())
    assert refused(path) == f"{path}: found no rows; {FILE}; check that the file was written"


def test_a_directory(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: found a directory; {FILE}; name a file in it"


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


def test_a_file_without_read_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, chat("Hi", "Hello"))

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refused(path) == (
        f"{path}: found a file that cannot be read (Permission denied); {FILE}; "
        "check the path and its permissions"
    )


def test_a_disk_that_fails_half_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(BytesIO):
        def readline(self, _: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    path = write(tmp_path, chat("Hi", "Hello"))
    monkeypatch.setattr(Path, "open", lambda *_: Failing())
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


def test_a_row_without_an_answer(tmp_path: Path) -> None:
    row = {"messages": [{"role": "user", "content": "Hi"}]}
    path = write(tmp_path, chat("Hi", "Hello"), row)
    assert refused(path) == (
        f"{path}, line 2: found no assistant answer (the last turn is the user's); "
        "expected an assistant turn at the end of every row; add the answer or remove the row"
    )


def test_mixed_formats(tmp_path: Path) -> None:
    path = write(tmp_path, chat("Hi", "Hello"), {"prompt": "Hi", "completion": "Hello"})
    assert refused(path) == (
        f"{path}, line 2: found a row of the format 'prompt-completion'; "
        "expected the format 'messages' of the rows before it; convert all rows to one format"
    )


def test_a_key_that_appears_late(tmp_path: Path) -> None:
    rows = [chat("Hi", "Hello")] * 1000
    path = write(tmp_path, *rows, chat("Hi", "Hello") | {"text": "what the trainer reads"})
    assert f"{path}, line 1001: found the keys 'messages', 'text'; " in refused(path)


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "MAX_ROWS", 2)
    assert len(read_dataset(write(tmp_path, *[chat("Hi", "Hello")] * 2)).rows) == 2
    path = write(tmp_path, *[chat("Hi", "Hello")] * 3)
    assert f"{path}, line 3: found more than 2 rows" in refused(path)
