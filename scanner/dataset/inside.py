"""What a folder says of itself, followed only as far as it stays inside."""

import json
import os
from pathlib import Path
from typing import NoReturn

from scanner.dataset.containers.strict_json import parse_json
from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file
from scanner.dataset.shown import show_path, show_text
from scanner.errors import DatasetError


def inside(folder: Path, name: str, said_by: Path) -> Path:
    """The file or folder of that name within ``folder``. Raises DatasetError.

    Trainers follow ``../``, absolute paths, links and addresses out of the folder, where a seller
    can keep other rows than those that are looked at.
    """
    parts = Path(name).parts
    leaves = os.path.isabs(name) or ".." in parts or "://" in name or name.startswith("~")
    if leaves or not name or "\0" in name or not is_within(folder, folder / name):
        refuse(
            said_by,
            found=f"the path {show_text(name)}, which leads out of the folder",
            expected="paths within the folder",
            cure="put all files of the dataset in one folder",
        )
    return folder / name


def is_within(folder: Path, path: Path) -> bool:
    """Whether a path stays in the folder when links are followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return False


def read_description(path: Path, limits: Limits) -> str:
    """A small text file of a folder. Raises DatasetError."""
    inside(path.parent, path.name, path)
    try:
        with open_file(path, limits) as file:
            content = file.text.read(limits.description_bytes + 1)
    except RowProblem as problem:
        refuse(path, found=problem.found, expected="a description of the data", cure=problem.cure)
    if len(content) > limits.description_bytes:
        refuse(
            path,
            found=f"a description of more than {limits.description_bytes:,} bytes",
            expected="a short file",
            cure="name the data files instead of the folder",
        )
    return content.decode("utf-8", "replace")


def read_json(path: Path, limits: Limits) -> dict[str, object]:
    """The object in a JSON file of a folder, no key twice. Raises DatasetError."""
    try:
        value = parse_json(read_description(path, limits).encode())
    except RowProblem as problem:
        refuse(path, found=problem.found, expected="one JSON object", cure="correct the file")
    if not isinstance(value, dict):
        refuse(
            path, found=json.dumps(value)[:60], expected="one JSON object", cure="correct the file"
        )
    return value


def refuse(path: Path, *, found: str, expected: str, cure: str) -> NoReturn:
    """Raise the DatasetError of a path as a whole."""
    raise DatasetError(show_path(path), None, found=found, expected=expected, cure=cure) from None
