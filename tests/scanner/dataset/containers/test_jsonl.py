"""The strict reader of JSON Lines: what it takes, and what it refuses and where."""

import hashlib
from io import BytesIO

import pytest

from scanner.dataset import jsonl
from scanner.dataset.interface import RowProblem
from scanner.dataset.jsonl import JsonLines, parse_object


def records(content: bytes) -> list[dict[str, object]]:
    return list(JsonLines(BytesIO(content)))


def refused(content: bytes) -> tuple[int, str]:
    """The line of the problem and what was found there."""
    lines = JsonLines(BytesIO(content))
    with pytest.raises(RowProblem) as caught:
        list(lines)
    return lines.line, caught.value.found


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
def test_accepted(content: bytes) -> None:
    assert records(content) == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_nothing_in_it(content: bytes) -> None:
    assert records(content) == []


def test_only_a_newline_ends_a_row() -> None:
    text = "\u2028\u2029\u0085\x7f"
    assert records(f'{{"a":"{text}"}}\n'.encode()) == [{"a": text}]


def test_an_escaped_surrogate_pair_is_one_character() -> None:
    assert records(rb'{"a":"\ud83e\udd89 \\ud800"}') == [{"a": "\U0001f989 \\ud800"}]


def test_the_digest_is_of_all_bytes() -> None:
    content = b'\xef\xbb\xbf{"a":"1"}\r\n\n'
    lines = JsonLines(BytesIO(content))
    list(lines)
    assert lines.sha256() == hashlib.sha256(content).hexdigest()


NO_NAME = "invalid JSON at column 2 (Expecting property name enclosed in double quotes)"
LATE_BOM = "invalid JSON at column 1 (Unexpected UTF-8 BOM (decode using utf-8-sig))"


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b'{"a":"1"}\n\n{"a":"2"}\n', 2, "a blank line between rows"),
        (b'\n{"a":"1"}\n', 1, "a blank line between rows"),
        (b'{"a":"1"}\r{"a":"2"}\n', 1, "a carriage return within the line"),
        (b'{"a":"1"}\r\r\n', 1, "a carriage return within the line"),
        (b'{"a":"1"} {"a":"2"}\n', 1, "invalid JSON at column 11 (Extra data)"),
        (b'{\n"a":"1"}\n', 1, NO_NAME),
        (b'{"a":"1"},\n', 1, "invalid JSON at column 10 (Extra data)"),
        (b'{"a":"1"}\n{"a":"2', 2, "invalid JSON at column 6 (Unterminated string starting at)"),
        (b'{"a":"x\x0cy"}', 1, "invalid JSON at column 8 (Invalid control character at)"),
        (b'{"a":"x\x00y"}', 1, "invalid JSON at column 8 (Invalid control character at)"),
        (b'{"a":"1"}\n\xef\xbb\xbf{"a":"2"}', 2, LATE_BOM),
        ('{"a":"1"}\n'.encode("utf-16"), 1, "UTF-16 text"),
        ('{"a":"1"}\n'.encode("utf-16-le"), 1, NO_NAME),
        (b'{"a":"1"}\n{"a":"\xe9"}\n', 2, "invalid UTF-8 at byte 7 of the line"),
        (b'{"a":"\xed\xa0\x80"}\n', 1, "invalid UTF-8 at byte 7 of the line"),
        (b"\x1f\x8b\x08\x00", 1, "a gzip file"),
        (b"PAR1\x15\x04", 1, "a Parquet file"),
        (b"version https://git-lfs.github.com/\n", 1, "a Git LFS pointer instead of the file"),
        (b'[{"a":"1"}]\n', 1, "a list"),
        (b'"a"\n', 1, "'a'"),
        (b"1\n", 1, "a number"),
        (b"null\n", 1, "null"),
        (b'{"a":"1","a":"2"}', 1, "the key 'a' twice in one object"),
        (b'{"a":[{"\\u202e":"1","\xe2\x80\xae":"2"}]}', 1, r"the key '\u202e' twice in one object"),
        (b'{"a":NaN}', 1, "the number NaN, which is not JSON or too large"),
        (b'{"a":-Infinity}', 1, "the number -Infinity, which is not JSON or too large"),
        (b'{"a":1e999}', 1, "the number 1e999, which is not JSON or too large"),
        (b"[" + b"9" * 5000 + b"]", 1, f"the number {'9' * 20}, which is not JSON or too large"),
        (rb'{"a":["\ud800"]}', 1, "half of a surrogate pair, which is no character"),
        (rb'{"\uDFFF":"1"}', 1, "half of a surrogate pair, which is no character"),
        (b'{"a":' + b"[" * 100_000, 1, "JSON nested too deep"),
        (b'{"a":' + b'{"a":' * 100_000, 1, "JSON nested too deep"),
    ],
)  # fmt: skip
def test_refused(content: bytes, line: int, found: str) -> None:
    assert refused(content) == (line, found)


def test_a_line_over_the_cap_is_refused_without_reading_it_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jsonl, "MAX_LINE_BYTES", 10)
    assert records(b'{"a":"1"}\n') == [{"a": "1"}]
    stream = BytesIO(b'{"a":"1"}\n{"a":"' + b"x" * 1000)
    lines = JsonLines(stream)
    with pytest.raises(RowProblem, match="more than 10 bytes"):
        list(lines)
    assert (lines.line, stream.tell()) == (2, 21)


@pytest.mark.parametrize("depth", [900, 2000])
def test_deep_but_readable_nesting_never_escapes_as_another_error(depth: int) -> None:
    content = b'{"a":' + b"[" * depth + rb'"\ud83e\udd89"' + b"]" * depth + b"}"
    try:
        assert list(parse_object(content)) == ["a"]
    except RowProblem as problem:
        assert problem.found == "JSON nested too deep"
