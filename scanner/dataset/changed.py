"""Whether the files still are what was read: an audit takes minutes, and its verdict is for what is
trained on afterwards."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from scanner.dataset.shown import show_path
from scanner.errors import DatasetError
from scanner.types import DataFile


def refuse_changed(files: Sequence[DataFile]) -> None:
    """Raises DatasetError for a file that is not, byte for byte, what was read of it."""
    for file in files:
        path = Path(file.path)
        # Anything but a file could keep us waiting.
        if not path.is_file() or _sha256(path) != file.sha256:
            raise DatasetError(
                show_path(path),
                None,
                found="a file that changed after it was read",
                expected="the file that was audited, so that the verdict is of what is there now",
                cure="repeat the command: it audits the file as it is",
            )


def _sha256(path: Path) -> str | None:
    """None where it cannot be read any more."""
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return None
