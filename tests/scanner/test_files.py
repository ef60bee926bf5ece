"""A file or a folder is whole or not there."""

import errno
import os
from pathlib import Path

import pytest

from scanner.files import (
    DRAFTS,
    folder_atomic,
    folder_sha256,
    folders_atomic,
    is_disk_error,
    remove_drafts,
    unread,
    write_atomic,
)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def fill_half(folder: Path) -> None:
    (folder / "half.bin").write_bytes(b"x")
    raise OSError(errno.ENOSPC, "disk full")


@pytest.fixture(autouse=True)
def common_umask() -> object:
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_writes_utf8_with_unix_newlines_and_makes_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    write_atomic("caf\N{LATIN SMALL LETTER E WITH ACUTE}\n", path)
    assert path.read_bytes() == b"caf\xc3\xa9\n"
    write_atomic(b"\x00\r\n", path)
    assert path.read_bytes() == b"\x00\r\n"


@pytest.mark.parametrize("broken", ["open", "fsync", "replace"])
def test_a_failed_write_leaves_the_old_file_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    path = tmp_path / "results.json"
    write_atomic("old", path)

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(OSError, match="disk full"):
            write_atomic("new", path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o755, 0o644), (0o777, 0o644)])
def test_a_file_is_no_more_open_than_its_folder_and_the_umask(
    tmp_path: Path, folder: int, file: int
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    place.chmod(folder)
    write_atomic("x", place / "x.json")
    assert mode(place / "x.json") == file


def test_a_link_at_the_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "report.html").symlink_to(tmp_path / "elsewhere")
    write_atomic("new", tmp_path / "report.html")
    assert (tmp_path / "elsewhere").read_text() == "kept"
    assert (tmp_path / "report.html").read_text() == "new"


def test_a_filled_folder_takes_the_place_of_the_old_one_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "adapters" / "probe-0"
    for name in ("old.bin", "new.bin"):
        with folder_atomic(path) as folder:
            (folder / name).write_bytes(b"x")
    assert [file.name for file in path.iterdir()] == ["new.bin"]
    assert (mode(path), mode(path / "new.bin")) == (0o700, 0o600)
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_fails_to_fill_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "probe-0"
    path.mkdir()
    (path / "old.bin").write_bytes(b"x")
    with pytest.raises(OSError, match="disk full"), folder_atomic(path) as folder:
        fill_half(folder)
    assert list(tmp_path.rglob("*.bin")) == [path / "old.bin"]
    assert list(tmp_path.iterdir()) == [path]


def test_of_several_folders_all_appear_or_none(tmp_path: Path) -> None:
    paths = [tmp_path / "probe-0", tmp_path / "probe-1"]
    with pytest.raises(OSError, match="disk full"), folders_atomic(paths) as folders:
        fill_half(folders[1])
    assert list(tmp_path.iterdir()) == []
    with folders_atomic(paths) as folders:
        for folder in folders:
            (folder / "new.bin").write_bytes(b"x")
    assert sorted(tmp_path.rglob("*.bin")) == [path / "new.bin" for path in paths]


def test_what_a_killed_command_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    drafts = [DRAFTS.replace("*", name) for name in ("0a", "0b")]
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / drafts[0]).write_text("half")
    (tmp_path / drafts[1] / "deep").mkdir(parents=True)
    (tmp_path / drafts[1] / "deep" / drafts[0]).write_text("half")
    (tmp_path / "jobs" / "kept.json").write_text("{}")
    remove_drafts(tmp_path)
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "jobs", tmp_path / "jobs" / "kept.json"]


def test_a_folders_digest_knows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    digests = [folder_sha256(tmp_path)]
    (tmp_path / "a" / "x").write_bytes(b"2")
    digests.append(folder_sha256(tmp_path))
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    digests.append(folder_sha256(tmp_path))
    (tmp_path / "z").write_bytes(b"")
    digests.append(folder_sha256(tmp_path))
    assert len(set(digests)) == 4
    (tmp_path / "z").unlink()
    assert folder_sha256(tmp_path) == digests[2]


def test_a_full_disk_is_the_users_and_a_missing_file_is_ours() -> None:
    assert is_disk_error(OSError(errno.ENOSPC, "No space left on device"))
    assert is_disk_error(PermissionError(errno.EACCES, "Permission denied"))
    assert not is_disk_error(FileNotFoundError(errno.ENOENT, "No such file"))
    assert not is_disk_error(OSError("a library's own words"))


def test_why_a_file_could_not_be_read_is_said_without_python(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "none").read_bytes()
    assert unread(missing.value) == "no such file"
    with pytest.raises(IsADirectoryError) as folder:
        tmp_path.read_bytes()
    assert unread(folder.value) == "a file that cannot be read (is a directory)"
    assert (
        unread(OSError("a library's own words"))
        == "a file that cannot be read (a library's own words)"
    )
