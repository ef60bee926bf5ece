import hashlib
import os
from pathlib import Path

import pytest

from scanner.config import ReadOptions
from scanner.errors import DatasetError, GateError
from scanner.gate.digests import file_digests, file_sha256, rows_sha256


def test_a_file_has_the_digest_that_sha256sum_prints(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    # `printf abc | sha256sum`
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(path) == expected


def test_a_file_larger_than_any_buffer_is_read_to_its_end(tmp_path: Path) -> None:
    content = b"0123456789" * 300_000
    (tmp_path / "a").write_bytes(content)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_several_files_keep_their_order(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).write_text(name, "utf-8")
    one, two = file_digests([tmp_path / "a", tmp_path / "b"])
    assert file_digests([tmp_path / "b", tmp_path / "a"]) == (two, one)


def test_rows_have_one_digest_whatever_their_layout(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(data.read_text("utf-8").replace('": "', '":"'), "utf-8")
    assert file_sha256(other) != file_sha256(data)
    assert rows_sha256([other], ReadOptions()) == rows_sha256([data], ReadOptions())
    other.write_text(data.read_text("utf-8").replace("105", "106", 1), "utf-8")
    assert rows_sha256([other], ReadOptions()) != rows_sha256([data], ReadOptions())


def test_rows_of_several_files_are_read_as_one_dataset_in_the_users_way(tmp_path: Path) -> None:
    row = '{"turns": [{"role": "user", "content": "a"}, {"role": "bot", "content": "b"}]}\n'
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_text(row, "utf-8")
    (tmp_path / "both.jsonl").write_text(row * 2, "utf-8")
    reading = ReadOptions(fields={"messages": "turns"}, role_map={"bot": "assistant"})
    two = rows_sha256([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], reading)
    assert two == rows_sha256([tmp_path / "both.jsonl"], reading)
    assert two != rows_sha256([tmp_path / "a.jsonl"], reading)


def test_rows_that_cannot_be_read_are_an_error_and_not_another_digest(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{", "utf-8")
    with pytest.raises(DatasetError):
        rows_sha256([tmp_path / "a.jsonl"], ReadOptions())


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("none", "No such file"),
        (".", "no regular file"),
        ("/dev/zero", "no regular file"),
        ("pipe", "no regular file"),
        ("loop", "symbolic links"),
        ("a\0b", "null byte"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, found: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(GateError, match=found):
        file_sha256(tmp_path / name)
