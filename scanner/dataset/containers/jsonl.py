"""JSON Lines: one JSON object per line, the line ended by a newline and by nothing else."""

from collections.abc import Iterator

from scanner.dataset.containers.dates import BATCH_BYTES, DateColumns
from scanner.dataset.containers.lines import numbered_lines
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
        dates = DateColumns(BATCH_BYTES)
        blank = 0
        for line, content in numbered_lines(file):
            record: Record | RowProblem | None = quick_object(content)
            if record is None:
                if not content.strip(b" \t"):
                    blank = blank or line
                    continue
                record = _look_closer(content, file)
            if blank:
                yield Entry(blank, _blank_line(), b"")
                blank = 0
            if problem := dates.look_at(record, len(content)):
                record = problem
            yield Entry(line, record, content)
        if problem := dates.end():
            raise problem


def _look_closer(content: bytes, file: OpenedFile) -> Record | RowProblem:
    try:
        if b"\r" in content:
            raise _across_lines("a carriage return within the line", "lines that end in a newline")
        return parse_object(content)
    except ReaderDisagreement as problem:
        return problem
    except RowProblem as problem:
        if is_unfinished(content) and file.ahead():
            return _across_lines("a JSON object that goes on over the next line", ONE_OBJECT)
        return problem


def _across_lines(found: str, expected: str) -> ReaderDisagreement:
    """Other readers take a newline, or none, for the end of a record."""
    cure = "write each row as an object on a line of its own, ended by a newline"
    return ReaderDisagreement(found=found, expected=expected, cure=cure)


def _blank_line() -> RowProblem:
    return RowProblem(
        found="a blank line between rows", expected=ONE_OBJECT, cure="remove the blank line"
    )
