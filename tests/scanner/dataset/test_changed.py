"""Files that changed after they were read."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.dataset.changed import refuse_changed
from scanner.dataset.read import read_dataset
from scanner.errors import DatasetError

ROW = '{"prompt":"a","completion":"b"}\n'


def append(path: Path) -> None:
    path.write_text(ROW + ROW, encoding="utf-8")


def same_size(path: Path) -> None:
    before = path.stat()
    path.write_text(ROW.replace("b", "c"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("change", [append, same_size, pipe, folder, Path.unlink])
def test_a_file_that_changed_is_refused(tmp_path: Path, change: Callable[[Path], None]) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(ROW, encoding="utf-8")
    files = read_dataset(path).files
    refuse_changed(files)
    change(path)
    with pytest.raises(DatasetError, match=r"data\.jsonl: found a file that changed after it"):
        refuse_changed(files)


def test_touched_but_the_same(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    path.write_text(ROW, encoding="utf-8")
    files = read_dataset(path).files
    os.utime(path)
    refuse_changed(files)
