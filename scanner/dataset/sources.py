"""From what the user named to the files that are read: patterns, folders, descriptions."""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.dataset.folders import INFO, Found, find_in_folder, llama_factory_entries
from scanner.dataset.formats.llama_factory import options_of
from scanner.dataset.inside import refuse
from scanner.dataset.interface import ReadOptions, RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import EXPECTED


@dataclass(frozen=True)
class Sources:
    """Where the rows are, and how they are read."""

    files: tuple[Path, ...]
    """In reading order."""
    options: ReadOptions
    """The user's, with what a ``dataset_info.json`` adds to them."""
    notes: tuple[str, ...] = ()


def find_sources(paths: Sequence[Path], options: ReadOptions, limits: Limits) -> Sources:
    """The files that paths, folders and patterns lead to. Raises DatasetError."""
    found = [_found(path, limits) for path in _expanded(paths)]
    files = tuple(file for one in found for file in one.files)
    _refuse_repeated(files)
    notes = tuple(note for one in found for note in one.notes)
    entries = [one.entry for one in found]
    if not any(entries):
        return Sources(files, options, notes)
    if any(entry != entries[0] for entry in entries) or entries[0] is None:
        refuse(
            files[0],
            found=f"files that {INFO} describes in different ways",
            expected="files that are read in one way",
            cure="audit them one at a time",
        )
    note = f"Read as {INFO} beside the file says."
    return Sources(files, _described(files[0], entries[0], options), (*notes, note))


def _expanded(paths: Sequence[Path]) -> Iterator[Path]:
    """Paths, and the files in order that each pattern matches; what exists is no pattern."""
    for path in paths:
        if os.path.lexists(path) or not glob.has_magic(str(path)):
            yield path
            continue
        matches = sorted(filter(os.path.isfile, glob.glob(str(path), recursive=True)))
        if not matches:
            refuse(
                path, found="no file that fits it", expected="a pattern of files", cure="check it"
            )
        yield from map(Path, matches)


def _found(path: Path, limits: Limits) -> Found:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        refuse(
            path, found="a name that is not UTF-8", expected=EXPECTED, cure="give it another name"
        )
    if os.path.isdir(path):
        return find_in_folder(path, limits)
    return Found((path,), llama_factory_entries(path.parent, limits).get(path.name))


def _refuse_repeated(files: Sequence[Path]) -> None:
    seen = set()
    for file in files:
        try:
            now = os.stat(file)
        except (OSError, ValueError):
            continue  # opening it says why
        if (now.st_dev, now.st_ino) in seen:
            refuse(
                file,
                found="a file that was named before",
                expected="each file once",
                cure="name it once",
            )
        seen.add((now.st_dev, now.st_ino))


def _described(file: Path, entry: Mapping[str, object], options: ReadOptions) -> ReadOptions:
    try:
        return options_of(entry, options)
    except RowProblem as problem:
        path = file.parent / INFO
        refuse(path, found=problem.found, expected=problem.expected, cure=problem.cure)
