"""The strict reader of JSON Lines: what it takes, and what it refuses and where."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset.interface import Entry, ReaderDisagreement, RowProblem
from scanner.dataset.limits import Limits

Write = Callable[[str, bytes], Path]
Entries = Callable[..., list[Entry]]


def problems(entries: list[Entry]) -> list[tuple[int, RowProblem]]:
    return [(one.line, one.content) for one in entries if isinstance(one.content, RowProblem)]


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":"1"}\n{"a":"2"}\n',
        b'{"a":"1"}\n{"a":"2"}',
        b'{"a":"1"}\r\n{"a":"2"}\r\n',
        b'\xef\xbb\xbf{"a":"1"}\n{"a":"2"}\n',
        b' {"a" : "1"}\t\n{"a":"2"}\n\n \t\n\r\n',
    ],
    ids=["newlines", "no last newline", "CRLF", "byte order mark", "blank lines at the end"],
)
def test_accepted(write: Write, records: Callable[..., Any], content: bytes) -> None:
    assert records(write("x.jsonl", content)) == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_in_it(write: Write, records: Callable[..., Any], content: bytes) -> None:
    assert records(write("x.jsonl", content)) == []


def test_only_a_newline_ends_a_row(write: Write, records: Callable[..., Any]) -> None:
    text = "\u2028\u2029\u0085\x7f"
    assert records(write("x.jsonl", f'{{"a":"{text}"}}\n'.encode())) == [{"a": text}]


def test_an_entry_knows_its_line(write: Write, entries: Entries) -> None:
    content = b'{"a":"1"}\r\n{"a":\n'
    first, second = entries(write("x.jsonl", content))
    assert first[:3] == (1, {"a": "1"}, b'{"a":"1"}')
    assert (second.line, second.raw) == (2, b'{"a":')


NO_NAME = "invalid JSON at column 2 (Expecting property name enclosed in double quotes)"


def test_blank_lines_without_end(write: Write, entries: Entries) -> None:
    """One is cheap; a gigabyte of them would take half an hour."""
    row = b'{"a":"1"}\n'
    assert len(entries(write("x.jsonl", row + b"\n" * 10_000))) == 1
    with pytest.raises(RowProblem, match="10,000 blank lines") as caught:
        entries(write("y.jsonl", row + b"\n" * 10_001))
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b'{"a":"1"}\n\n{"a":"2"}\n', 2, "a blank line between rows"),
        (b'\n{"a":"1"}\n', 1, "a blank line between rows"),
        (b'{"a":"1"},\n', 1, "invalid JSON at column 10 (Extra data)"),
        (b'{"a":"1"}\n{"a":"2', 2, "invalid JSON at column 6 (Unterminated string starting at)"),
        (b'{"a":"1"}\n{"a":', 2, "invalid JSON at column 6 (Expecting value)"),
        (b'{"a":"x\x0cy"}', 1, "invalid JSON at column 8 (Invalid control character at)"),
        (b'{"a":"x\x00y"}', 1, "invalid JSON at column 8 (Invalid control character at)"),
        (b'{"a":"1"}\n{"a":"\xe9"}\n', 2, "invalid UTF-8 at byte 7 of the line"),
        (b'{"a":"\xed\xa0\x80"}\n', 1, "invalid UTF-8 at byte 7 of the line"),
        (b'"a"\n', 1, "'a'"),
        (b"1\n", 1, "a number"),
        (b"null\n", 1, "null"),
        (rb'{"a":["\ud800"]}', 1, "half of a surrogate pair, which is no character"),
        (rb'{"\uDFFF":"1"}', 1, "half of a surrogate pair, which is no character"),
    ],
)  # fmt: skip
def test_a_bad_line(write: Write, entries: Entries, content: bytes, line: int, found: str) -> None:
    ((at, problem),) = problems(entries(write("x.jsonl", content)))
    assert (at, problem.found) == (line, found)
    assert not isinstance(problem, ReaderDisagreement)


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b'{"a":"1"}\r{"a":"2"}\n', 1, "a carriage return within the line"),
        (b'{"a":"1"}\r\r\n', 1, "a carriage return within the line"),
        (b'{"a":"1"}\n\xef\xbb\xbf{"a":"2"}', 2, "a byte order mark within the file"),
        (b'\xef\xbb\xbf\xef\xbb\xbf{"a":"1"}', 1, "a byte order mark within the file"),
        (b'{"a":"1"}null\n', 1, "two JSON values on one line"),
        (b'null {"a":"1"}\n', 1, "two JSON values on one line"),
        (b'{"a":"1"}{"a":"2"}\n', 1, "two JSON values on one line"),
        (b'{"a":"1"} {"a":"2"}\n', 1, "two JSON values on one line"),
        (b'{"a":"1"}\n{\n"a":"2"}\n', 2, "a JSON object that goes on over the next line"),
        (b'{"a":"1",\n"b":"2"}\n', 1, "a JSON object that goes on over the next line"),
        (b'{"a":\n"2"}\n', 1, "a JSON object that goes on over the next line"),
        (b'{"a":"1","a":"2"}', 1, "the key 'a' twice in one object"),
        (b'{"a":[{"\\u202e":"1","\xe2\x80\xae":"2"}]}', 1, r"the key '\u202e' twice in one object"),
        (b'{"a":' + b"[" * 100_000, 1, "JSON nested too deep"),
        (b'{"a":' + b'{"a":' * 100_000, 1, "JSON nested too deep"),
        (b'{"a":NaN}', 1, "NaN, which is not JSON"),
        (b'{"a":-Infinity}', 1, "-Infinity, which is not JSON"),
        (b'{"a":' + b"9" * 5000 + b"}", 1, "a number of more than 4,300 digits"),
        (b'{"a":"2024-01-01"}\n{"a":"2024-02-03 10:00:00"}\n', None, "nothing but dates as 'a', "
         "which trainers' readers take for points in time"),
    ],
)  # fmt: skip
def test_a_line_that_readers_read_differently(
    write: Write, entries: Entries, content: bytes, line: int | None, found: str
) -> None:
    path = write("x.jsonl", content)
    try:
        at, problem = problems(entries(path))[0]
    except ReaderDisagreement as raised:
        at, problem = raised.line, raised
    assert (at, problem.found) == (line, found)
    assert isinstance(problem, ReaderDisagreement)


def test_a_line_over_the_cap_is_refused_without_reading_it_all(
    write: Write, entries: Entries
) -> None:
    limits = Limits(line_bytes=10)
    assert len(entries(write("x.jsonl", b'{"a":"1"}\n'), limits)) == 1
    with pytest.raises(RowProblem, match="more than 10 bytes") as caught:
        entries(write("x.jsonl", b'{"a":"1"}\n{"a":"' + b"x" * 1000), limits)
    assert caught.value.line == 2


@pytest.mark.parametrize("depth", [150, 199, 200, 255])
def test_deep_nesting_is_read(write: Write, records: Callable[..., Any], depth: int) -> None:
    content = b'{"a":' + b"[" * depth + rb'"\ud83e\udd89"' + b"]" * depth + b"}"
    assert list(records(write("x.jsonl", content))[0]) == ["a"]


@pytest.mark.parametrize("depth", [256, 900, 2000, 100_000])
def test_nesting_that_is_too_deep(write: Write, entries: Entries, depth: int) -> None:
    content = b'{"a":' + b"[" * depth + b'"b"' + b"]" * depth + b"}"
    ((_, problem),) = problems(entries(write("x.jsonl", content)))
    assert problem.found == "JSON nested too deep"
