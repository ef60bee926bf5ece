"""Where findings lie: the dataset's files, and lines in them."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import quote

_BY_LINE = (".jsonl", ".ndjson", ".txt")


@dataclass(frozen=True)
class DataFile:
    """One file of the dataset."""

    path: str
    """As the user gave it; not yet safe to show."""
    sha256: str
    """Hex digest of its bytes."""
    size: int | None = None
    """In bytes; None where the audit did not note it."""


@dataclass(frozen=True)
class Place:
    """A row of the dataset."""

    file: int
    """Which of the dataset's files, by number from 0."""
    line: int
    """1-based line, or row of a table."""


def data_files(results: Mapping[str, Any]) -> tuple[DataFile, ...]:
    """The files that were audited; the dataset itself where the audit did not list its files."""
    dataset = results["dataset"]
    files = dataset.get("files") or [{"path": dataset["path"], "sha256": dataset["sha256"]}]
    return tuple(DataFile(**file) for file in files)


def place_of(line: int | Mapping[str, int]) -> Place:
    """A row as the screen lists it: a line, or a line and the number of its file."""
    return Place(0, line) if isinstance(line, int) else Place(line["file"], line["line"])


def file_uri(path: str) -> str:
    """``path`` as a URI reference: relative as it stands, or ``file:///`` and all of it.

    Everything else is percent-encoded, so no path can name a host or a scheme.
    """
    windows = PureWindowsPath(path)
    if windows.is_absolute() or ("\\" in path and "/" not in path):
        path = windows.as_posix()
    encoded = quote(posixpath.normpath(path).encode("utf-8", "surrogatepass"), safe="/")
    if not path.startswith("/") and not windows.is_absolute():
        return encoded
    return "file:///" + encoded.lstrip("/").replace("%3A", ":", 1)


def located(places: Sequence[Place], files: Sequence[DataFile]) -> tuple[tuple[DataFile, int], ...]:
    """The file and line of each place, each once; the beginning of the first file if there is none.

    Only files of one record per line have lines; a row of any other stands in line 1.
    """
    known = [(files[place.file], place.line) for place in places if place.file < len(files)]
    lines = [(file, line if file.path.lower().endswith(_BY_LINE) else 1) for file, line in known]
    return tuple(dict.fromkeys(lines)) or ((files[0], 1),)
