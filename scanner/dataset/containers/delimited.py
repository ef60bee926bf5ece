"""CSV and TSV, with a header; read as strictly as JSON Lines, and with pandas' eyes."""

import csv
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple, NoReturn

from scanner.dataset.containers.cells import (
    CHUNK_ROWS,
    MISSING,
    Kind,
    kind_of,
    reader_of,
    reads_as_text,
)
from scanner.dataset.containers.lines import BYTE_ORDER_MARK, MOST_BLANK
from scanner.dataset.interface import Entry, ReaderDisagreement
from scanner.dataset.opened import OpenedFile
from scanner.dataset.shown import show_text

EXPECTED = "a header, and as many cells in every row"


class Delimited:
    """See ``Container``."""

    def __init__(self, name: str, delimiter: str) -> None:
        self.name = name
        self._delimiter = delimiter

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``."""
        records = _records(file, self._delimiter)
        header = _header(next(records, None), file.limits.columns)
        rows = _same_width(records, len(header))
        kinds: tuple[Kind, ...] = ()
        for chunk in _chunks(rows, file.limits.batch_bytes):
            now = [kind_of(column) for column in zip(*(row.cells for row in chunk), strict=True)]
            kinds = kinds or tuple(now)
            _check_kinds(header, kinds, now, chunk)
            readers = [reader_of(kind) for kind in kinds]
            for row in chunk:
                record = {
                    name: read(cell)
                    for name, read, cell in zip(header, readers, row.cells, strict=True)
                    if cell not in MISSING
                }
                raw = json.dumps(row.cells).encode()
                yield Entry(row.line, record, raw, _hint(header, row.cells))


CSV = Delimited("CSV", ",")
TSV = Delimited("TSV", "\t")


class _Row(NamedTuple):
    line: int
    """1-based line on which it begins."""
    cells: Sequence[str]


def _records(file: OpenedFile, delimiter: str) -> Iterator[_Row]:
    """Header and rows. Blank lines may end the file but not interrupt it."""
    csv.field_size_limit(file.limits.line_bytes)
    reader = csv.reader(_lines(file), delimiter=delimiter, strict=True)
    line, blank = 1, 0
    try:
        for cells in reader:
            if not "".join(cells).strip() and len(cells) <= 1:
                blank = blank or line
                if line - blank >= MOST_BLANK:
                    _disagree(f"{MOST_BLANK:,} blank lines", "remove the blank lines", blank)
            elif blank:
                _disagree("a blank line between rows", "remove the blank line", blank)
            else:
                yield _Row(line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        reason = str(error).replace("\t", r"\t")  # it quotes the delimiter
        _disagree(f"a row that readers split in different ways ({reason})", "correct the row", line)


def _lines(file: OpenedFile) -> Iterator[str]:
    """Every line with its end, which may stand within a cell."""
    longest = file.limits.line_bytes
    number = 0
    while raw := file.text.readline(longest + 1):
        number += 1
        if len(raw) > longest:
            _disagree(f"a line of more than {longest:,} bytes", "remove the row", number)
        if b"\0" in raw:
            _disagree("a NUL", "remove it", number)
        try:
            yield (raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw).decode("utf-8")
        except UnicodeDecodeError:
            _disagree("invalid UTF-8", "convert the file to UTF-8", number)


def _header(first: _Row | None, most: int) -> Sequence[str]:
    """The columns' names; one that is empty, as that of pandas' index is, gets pandas' own."""
    cells = first.cells if first else []
    if len(cells) > most:
        _disagree(f"{len(cells):,} columns", f"keep at most {most:,}", 1)
    names = [name or f"Unnamed: {index}" for index, name in enumerate(cells)]
    for name in names:
        if names.count(name) > 1:
            _disagree(f"the column {show_text(name)} without a name of its own", "name it", 1)
    return names


def _same_width(rows: Iterator[_Row], width: int) -> Iterator[_Row]:
    for row in rows:
        if len(row.cells) != width:
            found = f"a row of {len(row.cells)} where the header has {width}"
            _disagree(found, "put cells that hold a comma in quotes", row.line)
        yield row


def _chunks(rows: Iterator[_Row], most: int) -> Iterator[list[_Row]]:
    """The rows that pandas looks at together."""
    chunk: list[_Row] = []
    size = 0
    for row in rows:
        chunk.append(row)
        size += sum(map(len, row.cells))
        if size > most:
            found = f"{CHUNK_ROWS:,} rows of more than {most:,} characters"
            _disagree(found, "write JSON Lines, which are read row by row", row.line)
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _hint(header: Sequence[str], cells: Sequence[str]) -> str:
    """Which texts of a row are no texts to a trainer."""
    for name, cell in zip(header, cells, strict=True):
        if cell and cell in MISSING:
            return (
                f"{show_text(cell)} under {show_text(name)} is an empty cell to trainers' readers "
                "(pandas): write JSON Lines, where every text is in quotes"
            )
    return ""


def _check_kinds(
    header: Sequence[str], kinds: Sequence[Kind], now: Sequence[Kind], chunk: Sequence[_Row]
) -> None:
    """Refuse a column whose kind changes: readers see what its first rows were."""
    for index, (first, later) in enumerate(zip(kinds, now, strict=True)):
        numbers = first is Kind.TEXT and later is Kind.NUMBER
        if later in (first, Kind.MISSING) or (
            numbers and all(reads_as_text(row.cells[index]) for row in chunk)
        ):
            continue
        _disagree(
            f"{later.value} in the column {show_text(header[index])} of {first.value}",
            "write JSON Lines, where every text is in quotes",
            chunk[0].line,
        )


def _disagree(found: str, cure: str, line: int) -> NoReturn:
    raise ReaderDisagreement(found=found, expected=EXPECTED, cure=cure, line=line) from None
