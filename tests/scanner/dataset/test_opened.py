"""Opened files: what is unpacked, hashed and noticed, and what is refused."""

import gzip
import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file
from scanner.types import DataFile

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINES = b'{"a":"1"}\n' * 1000
PACKED = {"x.gz": gzip.compress(LINES), "x.zst": zstd.compress(LINES)}


def unpacked(path: Path, limits: Limits | None = None) -> bytes:
    with open_file(path, limits or Limits()) as file:
        content = file.text.read()
        file.seal()
    return content


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", PACKED)
def test_packed(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name, PACKED[name])
    with open_file(path, Limits()) as file:
        assert file.ahead().startswith(b'{"a":"1"}\n')
        assert file.text.read() == LINES
        digest = hashlib.sha256(PACKED[name]).hexdigest()
        assert file.seal() == DataFile(str(path), digest, len(PACKED[name]))


@pytest.mark.parametrize("name", PACKED)
def test_several_packed_one_after_another_are_read_whole(tmp_path: Path, name: str) -> None:
    assert unpacked(written(tmp_path, name, PACKED[name] * 3)) == LINES * 3


@pytest.mark.parametrize("name", PACKED)
@pytest.mark.parametrize(
    "damage",
    [
        lambda packed: packed[:-1],
        lambda packed: packed[: len(packed) // 2],
        lambda packed: packed[:10],
        lambda packed: packed + b"more",
        lambda packed: packed[:-6] + bytes(6),
    ],
    ids=["last byte", "half", "beginning", "more behind it", "end overwritten"],
)
def test_damaged(tmp_path: Path, name: str, damage: Callable[[bytes], bytes]) -> None:
    path = written(tmp_path, name, damage(PACKED[name]))
    with pytest.raises(RowProblem, match=f"a {path.suffix} file that is damaged or cut off"):
        unpacked(path)


def test_a_gzip_file_may_be_padded(tmp_path: Path) -> None:
    assert unpacked(written(tmp_path, "x.gz", PACKED["x.gz"] + bytes(5))) == LINES


@pytest.mark.parametrize("name", ["x.gz", "x.zst"])
def test_a_bomb_stops_at_the_ratio(tmp_path: Path, name: str) -> None:
    """64 MB in 64 kB; no more than the cap and one read are ever unpacked."""
    bomb = (gzip if name == "x.gz" else zstd).compress(bytes(2**26))
    path = written(tmp_path, name, bomb)
    read: list[bytes] = []
    with (
        open_file(path, Limits(ratio_from=2**22)) as file,
        pytest.raises(RowProblem, match="unpacks to more than 200 times its size"),
    ):
        read.extend(iter(lambda: file.text.read(2**16), b""))
    assert sum(map(len, read)) <= max(2**22, 200 * len(bomb))
    assert len(unpacked(path, Limits(ratio_from=2**26))) == 2**26


def test_a_bomb_within_the_ratio(tmp_path: Path) -> None:
    path = written(tmp_path, "x.gz", PACKED["x.gz"])
    with pytest.raises(RowProblem, match="unpacks to more than 5,000 bytes"):
        unpacked(path, Limits(decoded_bytes=5000))


def test_a_zstandard_window_over_the_cap(tmp_path: Path) -> None:
    packer = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 28})
    path = written(tmp_path, "x.zst", packer.compress(LINES) + packer.flush())
    assert unpacked(path, Limits(window_bytes=2**28)) == LINES
    with pytest.raises(RowProblem, match=r"damaged or cut off .*too much memory"):
        unpacked(path)


@pytest.mark.parametrize("seekable", [False, True], ids=["in one pass", "between two hashes"])
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(LINES + b"x"),
        lambda path: path.write_bytes(LINES[:-1]),
        lambda path: os.utime(path, (1, 1)),
        lambda path: path.unlink(),
        lambda path: path.with_name("other").replace(path),
    ],
    ids=["longer", "shorter", "same bytes, written again", "gone", "another file in its place"],
)
def test_a_file_that_changes(
    tmp_path: Path, seekable: bool, change: Callable[[Path], object]
) -> None:
    path = written(tmp_path, "x.jsonl", LINES)
    written(tmp_path, "other", LINES)
    with open_file(path, Limits()) as file:
        (file.seekable() if seekable else file.text).read(100)
        change(path)
        with pytest.raises(RowProblem, match="a file that changed while it was read"):
            file.seal()


def test_bytes_that_change_behind_an_old_date(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", LINES)
    before = path.stat()
    with open_file(path, Limits()) as file:
        file.seekable()
        path.write_bytes(LINES.replace(b"1", b"2"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        with pytest.raises(RowProblem, match="changed"):
            file.seal()


def test_all_bytes_are_hashed_even_those_that_nobody_read(tmp_path: Path) -> None:
    path = written(tmp_path, "x.jsonl", LINES * 300)
    with open_file(path, Limits()) as file:
        file.text.readline()
        assert file.seal().sha256 == hashlib.sha256(LINES * 300).hexdigest()


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(RowProblem, match="a special file"), open_file(path, Limits()):
            pass
