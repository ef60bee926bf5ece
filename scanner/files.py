"""Files and folders that are either whole or not there, and errors that are the disk's."""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

DRAFTS = ".datascan-*.tmp"
"""What is not whole yet has such a name, and whatever a killed command left of it keeps it."""
DISK_ERRORS = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
        errno.EACCES,
        errno.EPERM,
        errno.EIO,
        errno.ENOTDIR,
        errno.EISDIR,
    }
)


def is_disk_error(error: OSError) -> bool:
    """Whether the user can mend it: a full, read-only or broken disk, and no defect of ours."""
    return error.errno in DISK_ERRORS


def unread(error: OSError) -> str:
    """Why a file could not be read, for the ``found`` of a message."""
    if isinstance(error, FileNotFoundError):
        return "no such file"
    reason = (error.strerror or str(error)).lower()
    return f"a file that cannot be read ({reason})"


def write_atomic(content: str | bytes, path: Path) -> None:
    """Write ``content``, a text as UTF-8; a kill at any moment leaves the old file or the new.

    The file is no more open to others than the folder that it lies in: in a run folder it is its
    owner's alone. Raises ``OSError``; what was there before is then still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(path)
    mode = path.parent.stat().st_mode & 0o666
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        _keep_names(path.parent)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def folder_atomic(path: Path) -> Iterator[Path]:
    """A folder to fill; where the block ends well, it becomes ``path``, and else it is removed.

    Its owner alone can look into it. Raises ``OSError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(path)
    draft.mkdir(mode=0o700)
    try:
        yield draft
        for file in _files_in(draft):
            file.chmod(0o600)
            with file.open("rb") as written:
                os.fsync(written.fileno())
        if path.exists():
            shutil.rmtree(path)
        draft.replace(path)
        _keep_names(path.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def folders_atomic(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Several folders to fill; see ``folder_atomic``. Raises ``OSError``."""
    with ExitStack() as stack:
        yield [stack.enter_context(folder_atomic(path)) for path in paths]


def remove_drafts(folder: Path) -> None:
    """Remove what killed commands left in a folder; no other command may be at work in it."""
    for draft in sorted(folder.rglob(DRAFTS)):
        if draft.is_dir() and not draft.is_symlink():
            shutil.rmtree(draft)
        else:
            draft.unlink(missing_ok=True)  # gone if it lay in another draft


def folder_sha256(folder: Path) -> str:
    """Hex digest of the names and contents of all files in a folder and below."""
    digest = hashlib.sha256()
    for file in _files_in(folder):
        with file.open("rb") as content:
            of_content = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{of_content} {file.relative_to(folder).as_posix()}\n".encode())
    return digest.hexdigest()


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _draft_of(path: Path) -> Path:
    """A name in the same folder that nobody else has, not even in another container."""
    return path.with_name(DRAFTS.replace("*", secrets.token_hex(8)))


def _keep_names(folder: Path) -> None:
    """Make the names in a folder outlive a power cut, where its file system can promise that."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
