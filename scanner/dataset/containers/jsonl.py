"""JSON Lines: one JSON object per line, the line ended by a newline and by nothing else."""

from collections.abc import Iterator

from scanner.dataset.containers.dates import BATCH_BYTES, DateColumns
from scanner.dataset.containers.lines import BYTE_ORDER_MARK, MOST_BLANK, numbered_lines
from scanner.dataset.containers.strict_json import (
    ONE_OBJECT,
    is_unfinished,
    parse_object,
    quick_object,
)
from scanner.dataset.interface import Entry, ReaderDisagreement, Record, RowProblem
from scanner.dataset.opened import OpenedFile


class JsonLines:
    """See ``Container``."""

    name = "JSON Lines"

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``. Blank lines may end the file but not interrupt it."""
        dates = DateColumns()
        batch = blank = 0
        for line, content in numbered_lines(file):
            record: Record | RowProblem | None = None
            if b"\r" not in content:
                record = quick_object(content)
            if record is None:
                if not content.strip(b" \t"):
                    blank = blank or line
                    _refuse_endless(blank, line)
                    continue
                record = _look_closer(content, file)
            if blank:
                yield Entry(blank, _blank_line(), b"")
                blank = 0
            if dates.undecided:
                dates.look_at(record)
            yield Entry(line, record, content)
            batch += len(content) + 1
            if batch > BATCH_BYTES:
                batch = 0
                _refuse_dates(dates, line)
        _refuse_dates(dates, None)


def _refuse_endless(first: int, line: int) -> None:
    """A gigabyte of blank lines would be read for half an hour."""
    if line - first >= MOST_BLANK:
        raise RowProblem(
            found=f"{MOST_BLANK:,} blank lines",
            expected=ONE_OBJECT,
            cure="remove the blank lines",
            line=first,
        )


def _refuse_dates(dates: DateColumns, line: int | None) -> None:
    if problem := dates.end():
        problem.line = line
        raise problem


def _look_closer(content: bytes, file: OpenedFile) -> Record | RowProblem:
    try:
        if content.startswith(BYTE_ORDER_MARK):
            raise _disagreement(
                "a byte order mark within the file", "one at its beginning, or none"
            )
        if b"\r" in content:
            raise _disagreement("a carriage return within the line", "lines that end in a newline")
        return parse_object(content)
    except ReaderDisagreement as problem:
        return problem
    except RowProblem as problem:
        if is_unfinished(content) and file.ahead():
            return _disagreement("a JSON object that goes on over the next line", ONE_OBJECT)
        return problem


def _disagreement(found: str, expected: str) -> ReaderDisagreement:
    cure = "write each row as an object on a line of its own, ended by a newline"
    return ReaderDisagreement(found=found, expected=expected, cure=cure)


def _blank_line() -> RowProblem:
    return RowProblem(
        found="a blank line between rows", expected=ONE_OBJECT, cure="remove the blank line"
    )
