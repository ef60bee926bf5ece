"""Where findings lie: the dataset's files, and lines in them."""

import posixpath
from collections.abc import Mapping, Sequence
from pathlib import PureWindowsPath
from typing import Any
from urllib.parse import quote

from scanner.dataset.screen.findings import Place
from scanner.types import DataFile

_BY_LINE = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt")


def data_files(results: Mapping[str, Any]) -> tuple[DataFile, ...]:
    """The files that were audited, in the order of reading."""
    return tuple(DataFile(**file) for file in results["dataset"]["files"])


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

    Only texts have lines; a row of any other file stands in line 1.
    """
    known = [(files[place.file], place.line) for place in places if place.file < len(files)]
    lines = [(file, line if file.path.lower().endswith(_BY_LINE) else 1) for file, line in known]
    return tuple(dict.fromkeys(lines)) or ((files[0], 1),)
