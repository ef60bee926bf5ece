"""A base on disk, as the rest of the tool sees it."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from scanner.bases.checkpoint import WEIGHTS

SHARDS = 4
"""Files digested side by side; 15 GB of a 7B base come in four."""


@dataclass(frozen=True)
class Base:
    """A base on disk."""

    id: str
    """As the user named it."""
    path: Path
    """Folder of the Hugging Face checkpoint."""
    revision: str
    """Digest of the files that decide its behaviour: ``sha256:`` and the first 16 hex digits."""
    repository: str | None = None
    """Its repository on the Hugging Face Hub; None for a folder."""
    commit: str | None = None
    """The repository's commit; None for a folder."""
    lineage: str | None = None
    """Which models share its initialisation; None where that is not known."""
    licence: str | None = None
    notes: tuple[str, ...] = ()
    """What a reader should know of it, a sentence each."""


def revision_of(path: Path) -> str:
    """Digest of a checkpoint's settings, tokenizer, template and weights.

    Where the weights are one file, other safetensors beside it (``consolidated.safetensors``) are
    not read, and so do not count.
    """
    single = (path / WEIGHTS).is_file()
    files = [
        file
        for file in sorted(path.iterdir())
        if file.suffix in {".json", ".jinja"}
        or (file.suffix == ".safetensors" and (file.name == WEIGHTS or not single))
    ]
    with ThreadPoolExecutor(SHARDS) as pool:
        digests = list(pool.map(_sha256, files))
    digest = hashlib.sha256()
    for file, own in zip(files, digests, strict=True):
        digest.update(f"{file.name}\n".encode() + own)
    return f"sha256:{digest.hexdigest()[:16]}"


def _sha256(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
