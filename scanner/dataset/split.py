"""The candidate in two files: what is set aside, and the rest. No row is lost.

JSON Lines are split line by line, each line as it lies in the file. A file of another container is
written as JSON Lines of its canonical rows (see ``scanner.dataset.digest``), which say what was
trained on, whatever the container. Where a record makes several rows, it is set aside with any of
them.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.dataset.containers.detect import detect_container
from scanner.dataset.containers.jsonl import JsonLines
from scanner.dataset.containers.lines import BYTE_ORDER_MARK
from scanner.dataset.digest import canonical_bytes
from scanner.dataset.interface import RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import OpenedFile, open_file
from scanner.dataset.shown import show_path
from scanner.errors import DatasetError
from scanner.types import BadRow, DataFile, Dataset, Row


@dataclass(frozen=True)
class Halves:
    """What becomes of the records."""

    clean: bytes
    """The records that are not set aside, in their order. Nobody says that they are clean."""
    quarantine: bytes
    """Those that are."""
    set_aside: int
    """How many these are."""
    records: int
    """Of both together."""


def split(candidate: Dataset, rows: Collection[int], everything: bool = False) -> Halves:
    """The records of a candidate, those of the given rows (0-based) set aside.

    ``everything`` sets all records aside. A record that could not be read is set aside: nobody
    audited it. Raises ``DatasetError`` if a file is no longer what was audited.
    """
    places = {(candidate.rows[row].file, candidate.rows[row].line) for row in rows}
    places |= {(bad.file, bad.line) for bad in candidate.bad_rows}
    kept: list[bytes] = []
    aside: list[bytes] = []
    for file, line, raw in _records(candidate):
        (aside if everything or (file, line) in places else kept).append(raw)
    return Halves(_joined(kept), _joined(aside), len(aside), len(kept) + len(aside))


def _records(candidate: Dataset) -> Iterator[tuple[int, int, bytes]]:
    """File number, line and bytes of every record, their ends included."""
    files = range(len(candidate.files))
    lines = [_lines_of(candidate.files[number]) for number in files]
    if all(own is not None for own in lines):
        yield from ((number, line, raw) for number in files for line, raw in lines[number] or ())
        return
    for number in files:
        rows = [row for row in candidate.rows if row.file == number]
        bad_rows = [bad for bad in candidate.bad_rows if bad.file == number]
        yield from _canonical(number, rows, bad_rows)


def _lines_of(audited: DataFile) -> list[tuple[int, bytes]] | None:
    """The lines of a file of JSON Lines; None for another container."""
    path = Path(audited.path)
    try:
        with open_file(path, Limits()) as file:
            is_lines = isinstance(detect_container(file), JsonLines)
            lines = list(_numbered(file)) if is_lines else None
            now = file.seal()
    except RowProblem as problem:
        raise DatasetError(
            show_path(path),
            problem.line,
            found=problem.found,
            expected=problem.expected,
            cure=problem.cure,
        ) from None
    if now.sha256 != audited.sha256:
        raise DatasetError(
            show_path(path),
            None,
            found="another file than was audited",
            expected="the same bytes",
            cure="leave the data alone until the audit has ended, and repeat the command",
        )
    return lines


def _numbered(file: OpenedFile) -> Iterator[tuple[int, bytes]]:
    """Every line as it lies, with its number. Blank ones, which may end a file, go with the last
    that is not."""
    current, lines = 0, b""
    for number, raw in enumerate(file.text, start=1):
        if raw.strip() and lines:
            yield current, lines
            lines = b""
        if raw.strip():
            current = number
        lines += raw
    if lines:
        yield current, lines


def _canonical(
    number: int, rows: Sequence[Row], bad_rows: Sequence[BadRow]
) -> Iterator[tuple[int, int, bytes]]:
    """The records of one file: its rows, and what could not be read as it was kept."""
    by_line: dict[int, bytes] = {}
    for row in rows:
        by_line[row.line] = by_line.get(row.line, b"") + canonical_bytes(row)
    by_line |= {bad.line: bad.raw + b"\n" for bad in bad_rows}
    for line in sorted(by_line):
        yield number, line, by_line[line]


def _joined(records: Sequence[bytes]) -> bytes:
    """Records one after the other: each on lines of its own, a byte order mark only in front."""
    first, rest = records[:1], [raw.removeprefix(BYTE_ORDER_MARK) for raw in records[1:]]
    ended = [raw if raw.endswith(b"\n") else raw + b"\n" for raw in [*first, *rest][:-1]]
    return b"".join([*ended, *[*first, *rest][-1:]])
