"""The way in: a file to a dataset."""

import os
import stat
from pathlib import Path
from typing import BinaryIO, NoReturn

from scanner.dataset.digest import digest_rows
from scanner.dataset.formats import detect_format
from scanner.dataset.interface import RowProblem
from scanner.dataset.jsonl import JsonLines
from scanner.dataset.shown import show_path
from scanner.errors import DatasetError
from scanner.types import Dataset, Row

MAX_ROWS = 5_000_000
EXPECTED = "a JSON Lines file of training rows"


def read_dataset(path: Path) -> Dataset:
    """Every row of a JSON Lines file, all in one format, and the digests of file and rows.

    The file is read once, so a change meanwhile cannot part the digest from the rows. Nothing is
    skipped or repaired: whatever is not a row raises DatasetError, which names the line.
    """
    with _open(path) as stream:
        lines = JsonLines(stream)
        try:
            rows = _rows(lines)
        except RowProblem as problem:
            raise DatasetError(
                show_path(path),
                lines.line,
                found=problem.found,
                expected=problem.expected,
                cure=problem.cure,
            ) from None
        except OSError as error:
            _refuse_unreadable(path, error)
    if not rows:
        _refuse(path, found="no rows", cure="check that the file was written")
    return Dataset(str(path), lines.sha256(), digest_rows(rows), rows)


def _rows(lines: JsonLines) -> tuple[Row, ...]:
    rows: list[Row] = []
    first_name = ""
    for record in lines:
        row_format = detect_format(record)
        first_name = first_name or row_format.name
        if row_format.name != first_name:
            raise RowProblem(
                found=f"a row of the format '{row_format.name}'",
                expected=f"the format '{first_name}' of the rows before it",
                cure="convert all rows to one format",
            )
        if len(rows) == MAX_ROWS:
            raise RowProblem(
                found=f"more than {MAX_ROWS:,} rows",
                expected="a file that fits in memory",
                cure="audit it in parts",
            )
        rows.append(row_format.parse(record, lines.line))
    return tuple(rows)


def _open(path: Path) -> BinaryIO:
    """The file, open for reading; only a regular file is opened, since a pipe could block."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            return path.open("rb")
    except FileNotFoundError:
        _refuse(path, found="no such file", cure="check the path")
    except (OSError, ValueError) as error:
        _refuse_unreadable(path, error)
    if stat.S_ISDIR(mode):
        _refuse(path, found="a directory", cure="name a file in it")
    _refuse(path, found="a special file", cure="copy the data to a regular file")


def _refuse_unreadable(path: Path, error: OSError | ValueError) -> NoReturn:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    found = f"a file that cannot be read ({reason})"
    _refuse(path, found=found, cure="check the path and its permissions")


def _refuse(path: Path, *, found: str, cure: str) -> NoReturn:
    raise DatasetError(show_path(path), None, found=found, expected=EXPECTED, cure=cure) from None
