"""A data file, open: unpacked, hashed as it lies on disk, and watched for changes."""

import hashlib
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.types import DataFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

CHUNK = 2**20
COMPRESSIONS = {b"\x1f\x8b": ".gz", b"\x28\xb5\x2f\xfd": ".zst"}
"""How a compressed file begins → what its name ends in."""
EXPECTED = "a file of training rows"


class OpenedFile:
    """A regular file whose bytes are read once, or read between two hashes."""

    def __init__(self, path: Path, file: io.FileIO, limits: Limits) -> None:
        """``file`` is what ``path`` leads to, open."""
        self.path = path
        self.limits = limits
        self.notes: list[str] = []
        """What a container has to say of how it read the file, a sentence each."""
        self._file = file
        self._before = os.fstat(file.fileno())
        self._hashed = _Hashed(file)
        self._sha256: str | None = None
        packed = io.BufferedReader(self._hashed, CHUNK)
        self.magic = packed.peek()[:512]
        """The file's first bytes as they lie on disk."""
        self.compression = COMPRESSIONS.get(self.magic[:2]) or COMPRESSIONS.get(self.magic[:4])
        """``.gz``, ``.zst`` or None."""
        self.text: BinaryIO = packed
        """The file's bytes from the first to the last, unpacked; to be read once."""
        if self.compression:
            unpacked = _Unpacked(packed, self._hashed, self.compression, limits)
            self.text = io.BufferedReader(unpacked, CHUNK)

    def ahead(self) -> bytes:
        """What comes next in ``text``, up to 1 MiB; nothing at its end. It is still to be read."""
        return self.text.peek()  # type: ignore[attr-defined,no-any-return]

    def seekable(self) -> BinaryIO:
        """The file as it lies on disk, for readers that jump; hashed now and when it is sealed."""
        self._sha256 = self._hash()
        return self._file

    def seal(self) -> DataFile:
        """What was read, for the record. Raises RowProblem if the file changed meanwhile."""
        if self._sha256 is None:
            while self.text.read(CHUNK):
                pass
            digest, whole = self._hashed.digest.hexdigest(), self._hashed.count
        else:
            digest, whole = self._sha256, self._before.st_size
        rehashed = self._sha256 is None or self._hash() == digest
        if not rehashed or whole != self._before.st_size or self._moved():
            raise RowProblem(
                found="a file that changed while it was read",
                expected="a file that nobody writes to",
                cure="copy the file and audit the copy",
            )
        return DataFile(str(self.path), digest, whole)

    def _hash(self) -> str:
        self._file.seek(0)
        digest = hashlib.file_digest(self._file, "sha256").hexdigest()
        self._file.seek(0)
        return digest

    def _moved(self) -> bool:
        """Whether the path now leads to another file, or to another state of this one."""
        try:
            after = (os.stat(self.path), os.fstat(self._file.fileno()))
        except OSError:
            return True
        return any(_state(now) != _state(self._before) for now in after)


@contextmanager
def open_file(path: Path, limits: Limits) -> Iterator[OpenedFile]:
    """Open a regular file. Raises RowProblem, for what the operating system says, too."""
    try:
        with _open(path) as file:
            yield OpenedFile(path, file, limits)
    except OSError as error:
        _refuse_unreadable(error.strerror or str(error))


class _Hashed(io.RawIOBase):
    """A file's bytes on their way: counted and hashed."""

    def __init__(self, file: io.FileIO) -> None:
        self.count = 0
        self.digest = hashlib.sha256()
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._file.readinto(buffer) or 0
        self.count += count
        self.digest.update(memoryview(buffer)[:count])
        return count


class _Unpacked(io.RawIOBase):
    """What a compressed stream unpacks to, within the limits."""

    def __init__(self, packed: BinaryIO, hashed: _Hashed, compression: str, limits: Limits) -> None:
        self._count = 0
        self._compression = compression
        self._hashed = hashed
        self._limits = limits
        self._stream, self._damage = _unpack(packed, compression, limits)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        try:
            content = self._stream.read(len(view))
        except (BadGzipFile, EOFError, self._damage) as error:
            self._refuse(f"a {self._compression} file that is damaged or cut off ({error})")
        view[: len(content)] = content
        self._check(len(content))
        return len(content)

    def _check(self, more: int) -> None:
        self._count += more
        limits = self._limits
        if self._count > limits.decoded_bytes:
            self._refuse(f"a file that unpacks to more than {limits.decoded_bytes:,} bytes")
        if self._count > max(limits.ratio_from, limits.ratio * self._hashed.count):
            self._refuse(f"a file that unpacks to more than {limits.ratio} times its size")

    def _refuse(self, found: str) -> NoReturn:
        cure = "unpack the file and audit what is in it"
        raise RowProblem(found=found, expected=EXPECTED, cure=cure) from None


def _unpack(
    packed: BinaryIO, compression: str, limits: Limits
) -> tuple[io.BufferedIOBase, type[Exception]]:
    """The stream of what is in it, and what it raises where that is damaged."""
    if compression == ".gz":
        return GzipFile(fileobj=packed), zlib.error
    # Loaded only where such a file is read.
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    widest = limits.window_bytes.bit_length() - 1
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: widest}
    return zstd.ZstdFile(packed, options=options), zstd.ZstdError


def _open(path: Path) -> io.FileIO:
    """The file; a pipe or a device is refused without waiting for it."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except FileNotFoundError:
        _refuse("no such file", "check the path")
    except (OSError, ValueError) as error:
        _refuse_unreadable(getattr(error, "strerror", None) or str(error))
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        _refuse("a special file", "copy the data to a regular file")
    return io.FileIO(opened)


def _state(now: os.stat_result) -> tuple[int, ...]:
    return now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns


def _refuse_unreadable(reason: str) -> NoReturn:
    _refuse(f"a file that cannot be read ({reason})", "check the path and its permissions")


def _refuse(found: str, cure: str) -> NoReturn:
    raise RowProblem(found=found, expected=EXPECTED, cure=cure) from None
