"""Files that are either whole or not there."""

import os
from pathlib import Path


def write_atomic(text: str, path: Path) -> None:
    """Write ``text`` as UTF-8 to ``path``; a kill at any moment leaves the old file or the new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".datascan-{os.getpid()}.tmp")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
