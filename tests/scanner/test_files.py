"""A file is whole or not there."""

import os

import pytest

from scanner.files import write_atomic


def test_writes_utf8_with_unix_newlines_and_makes_the_folder(tmp_path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_atomic("caf\N{LATIN SMALL LETTER E WITH ACUTE}\n", path)
    assert path.read_bytes() == b"caf\xc3\xa9\n"


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch) -> None:
    path = tmp_path / "results.json"
    write_atomic("old", path)

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomic("new", path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
