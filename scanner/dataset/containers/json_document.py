"""``.json``: one array of objects, one object that holds such a list, or JSON Lines after all."""

import re
from collections.abc import Iterator
from typing import NoReturn

from scanner.dataset.containers.dates import DateColumns
from scanner.dataset.containers.json_text import JsonText
from scanner.dataset.containers.jsonl import JsonLines
from scanner.dataset.containers.lines import BYTE_ORDER_MARK
from scanner.dataset.containers.strict_json import is_unfinished, parse_object, quick_object
from scanner.dataset.interface import Entry, ReaderDisagreement, Record, RowProblem
from scanner.dataset.opened import OpenedFile

LIST_KEYS = ("data", "rows", "records", "examples", "instances", "train")
"""Under which of its keys an object may hold the list of rows."""
LIST_BEGINS = re.compile(rb'"(%s)"\s*:\s*\[' % "|".join(LIST_KEYS).encode())
ARRAY_BEGINS = 100
"""Bytes within which ``datasets`` wants to see the first object of an array."""


class JsonDocument:
    """See ``Container``."""

    name = "JSON"

    def entries(self, file: OpenedFile) -> Iterator[Entry]:
        """See ``Container.entries``."""
        start = file.ahead().removeprefix(BYTE_ORDER_MARK)
        if start.lstrip().startswith(b"["):
            return _array(file, start)
        if _holds_list(start):
            return _object(file)
        return JsonLines().entries(file)


def _holds_list(start: bytes) -> bool:
    """Whether the file is one object that holds the rows, and no JSON Lines."""
    first, newline, _ = start.partition(b"\n")
    record = quick_object(first)
    if record is not None:
        return any(isinstance(record.get(key), list) for key in LIST_KEYS)
    return is_unfinished(first) if newline else LIST_BEGINS.search(first) is not None


def _array(file: OpenedFile, start: bytes) -> Iterator[Entry]:
    # ``datasets`` goes by the first bytes alone, and reads other rows where they are not these.
    if not start.startswith(b"[") or b"{" not in start[:ARRAY_BEGINS].partition(b'"')[0]:
        _disagree("an array that does not begin with '[{'", "write one array of objects", 1)
    text = JsonText(file.text, file.limits)
    yield from _elements(text)
    _end(text)


def _object(file: OpenedFile) -> Iterator[Entry]:
    text = JsonText(file.text, file.limits)
    text.take("{")
    found = ""
    more = "," if text.peek() != "}" else text.take("}")
    while more == ",":
        key = text.key()
        if key in LIST_KEYS and text.peek() == "[":
            if found:
                _disagree(f"lists of rows under '{found}' and '{key}'", "keep one list", text.line)
            found = key
            yield from _elements(text)
        else:
            text.value()
        more = text.take(",}")
    if not found:
        _disagree("a JSON object that goes on over the next line", "write JSON Lines", 1)
    _end(text)
    file.notes.append(
        f"The rows are the list under '{found}'; load_dataset reads them only with field='{found}'."
    )


def _elements(text: JsonText) -> Iterator[Entry]:
    dates = DateColumns()
    text.take("[")
    more = "," if text.peek() != "]" else text.take("]")
    while more == ",":
        line, content = text.value()
        record = _record(content)
        if dates.undecided:
            dates.look_at(record)
        yield Entry(line, record, content)
        more = text.take(",]")
    if problem := dates.end():
        raise problem


def _record(content: bytes) -> Record | RowProblem:
    """One element; whatever is wrong with it, other readers may see rows in it."""
    try:
        return quick_object(content) or parse_object(content)
    except RowProblem as problem:
        return ReaderDisagreement(found=problem.found, expected=problem.expected, cure=problem.cure)


def _end(text: JsonText) -> None:
    if text.peek():
        _disagree("more after the end of the rows", "remove it, or write JSON Lines", text.line)


def _disagree(found: str, cure: str, line: int) -> NoReturn:
    expected = "one JSON array of objects, or JSON Lines"
    raise ReaderDisagreement(found=found, expected=expected, cure=cure, line=line)
