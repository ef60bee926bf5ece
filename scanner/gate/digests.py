"""Is this the data that was audited? Asked of the files' digests first: they come at disk speed."""

import hashlib
import stat
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from scanner.config import ReadOptions
from scanner.errors import GateError


def file_sha256(path: Path, expected: str = "a file of training rows") -> str:
    """Hex digest of a file's bytes, read as a stream.

    Raises GateError where it cannot be read, and for anything but a regular file: a pipe would
    keep the gate waiting.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _unreadable(path, "no regular file", expected, "name a file")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, found, expected, "check the path") from None


def files_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files that an audit reads where it is given paths, folders and patterns.

    Raises DatasetError.
    """
    if all(path.is_file() for path in paths):
        return tuple(paths)
    # Here, not above: files do not wait for it.
    from scanner.dataset.limits import Limits
    from scanner.dataset.sources import find_sources

    return find_sources(paths, ReadOptions(), Limits()).files


def file_digests(paths: Sequence[Path]) -> tuple[str, ...]:
    """The digests of a dataset's files, in order. Raises GateError."""
    return tuple(file_sha256(path) for path in paths)


def rows_sha256(paths: Sequence[Path], reading: ReadOptions) -> str:
    """Digest of the rows that would be trained on, read in flat memory.

    Raises DatasetError where they cannot be read as rows.
    """
    # Here, not above: a digest of bytes does not wait for it.
    from scanner.dataset.read import stream_rows

    rows = stream_rows(paths, reading)
    deque(rows, maxlen=0)
    return rows.summary.rows_sha256


def _unreadable(path: Path, found: str, expected: str, cure: str) -> GateError:
    return GateError(f"{path}: found {found}; expected {expected}; {cure}")
