"""``.json``: arrays, wrapped lists, lines; what is read, from which line, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset.containers import json_text
from scanner.dataset.containers.detect import detect_container
from scanner.dataset.interface import Entry, ReaderDisagreement, RowProblem
from scanner.dataset.limits import Limits
from scanner.dataset.opened import open_file

Write = Callable[[str, bytes], Path]
Entries = Callable[..., list[Entry]]

PRETTY = b"""[
  {
    "a": "1"
  },
  {
    "a": "2 \xe2\x80\xa8 ]}"
  }
]
"""
TWO = [{"a": "1"}, {"a": "2 \u2028 ]}"}]


@pytest.mark.parametrize("chunk", [1, 7, 2**20])
def test_an_array(
    write: Write, entries: Entries, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(json_text, "CHUNK", chunk)
    found = entries(write("x.json", PRETTY))
    assert [one.content for one in found] == TWO
    assert [one.line for one in found] == [2, 5]
    assert found[0].raw == b'{\n    "a": "1"\n  }'


@pytest.mark.parametrize(
    "content",
    [
        b'{"version":"1","data":[{"a":"1"},{"a":"2"}],"size":{"rows":2.50}}',
        b'{\n  "rows": [\n    {"a": "1"},\n    {"a": "2"}\n  ]\n}\n',
        b'{"\\u0064ata":[{"a":"1"},{"a":"2"}]}',
        b'{"data":[{"a":"1"},{"a":"2"}],"train":"yes"}',
    ],
    ids=["one line", "several lines", "escaped key", "another key that holds no list"],
)
def test_a_wrapped_list(write: Write, content: bytes) -> None:
    with open_file(write("x.json", content), Limits()) as file:
        found = [entry.content for entry in detect_container(file).entries(file)]
        assert found == [{"a": "1"}, {"a": "2"}]
        assert len(file.notes) == 1
        assert "load_dataset reads them only with field=" in file.notes[0]


@pytest.mark.parametrize(
    "content",
    [b'{"a":"1"}\n{"a":"2"}\n', b'{"a":"1","data":"x"}\n', b'{"examples":{"a":[]}}\n'],
)
def test_lines(write: Write, records: Callable[..., Any], content: bytes) -> None:
    assert len(records(write("x.json", content))) == content.count(b"\n")


@pytest.mark.parametrize("content", [b"[]", b"[ ]\n", b'{"data":[]}'])
def test_no_rows(write: Write, records: Callable[..., Any], content: bytes) -> None:
    with open_file(write("x.json", content), Limits()) as file:
        if content.startswith(b"["):
            with pytest.raises(ReaderDisagreement, match="does not begin with"):
                list(detect_container(file).entries(file))
        else:
            assert list(detect_container(file).entries(file)) == []


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b'[{"a":"1"},\n{"a":"2"', 2, "invalid JSON (Expecting ',' delimiter)"),
        (b'[{"a":"1"}\n{"a":"2"}]', 2, "invalid JSON ('{' instead of ',')"),
        (b'[{"a":"1"},]', 1, "invalid JSON (Expecting value)"),
        (b'[{"a":"1"}', 1, "invalid JSON (the end instead of ',')"),
        (b'[{"a":"\xe9"}]', 1, "invalid JSON (invalid UTF-8)"),
        (b'[{"a":' + b"[" * 100_000, 1, "invalid JSON (JSON nested too deep)"),
        (b'{"data":[{"a":"1"}],1:2}', 1, "invalid JSON (no key in quotes)"),
    ],
)
def test_a_faulty_document(
    write: Write, entries: Entries, content: bytes, line: int, found: str
) -> None:
    with pytest.raises(RowProblem) as caught:
        entries(write("x.json", content))
    assert (caught.value.line, caught.value.found) == (line, found)


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b' [{"a":"1"}]', 1, "an array that does not begin with '[{'"),
        (b"[" + b" " * 100 + b'{"a":"1"}]', 1, "an array that does not begin with '[{'"),
        (b'["a"]', 1, "an array that does not begin with '[{'"),
        (b'[{"a":"1"}]\n\n[{"a":"2"}]', 3, "more after the end of the rows"),
        (b'{"data":[{"a":"1"}]}\n{"data":[]}', 2, "more after the end of the rows"),
        (b'{\n"a":"1"\n}\n', 1, "a JSON object that goes on over the next line"),
        (b'{\n"data":[{"a":"1"}],\n"rows":[]}', 3, "lists of rows under 'data' and 'rows'"),
        (b'[{"a":"2024-01-01"}]', None, "nothing but dates as 'a', which trainers' readers take "
         "for points in time"),
    ],
)  # fmt: skip
def test_a_document_that_readers_read_differently(
    write: Write, entries: Entries, content: bytes, line: int | None, found: str
) -> None:
    with pytest.raises(ReaderDisagreement) as caught:
        entries(write("x.json", content))
    assert (caught.value.line, caught.value.found) == (line, found)


@pytest.mark.parametrize(
    ("element", "found"),
    [
        (b'{"a":"1","a":"2"}', "the key 'a' twice in one object"),
        (b"[1]", "a list"),
        (b"null", "null"),
        (b'{"a":NaN}', "NaN, which is not JSON"),
    ],
)
def test_a_faulty_element(write: Write, entries: Entries, element: bytes, found: str) -> None:
    good, bad = entries(write("x.json", b'[{"a":"1"},\n' + element + b"]"))
    assert good.content == {"a": "1"}
    assert isinstance(bad.content, ReaderDisagreement)
    assert (bad.line, bad.content.found) == (2, found)


def test_an_element_over_the_cap(write: Write, entries: Entries) -> None:
    path = write("x.json", b'[{"a":"' + b"x" * 100 + b'"}]')
    assert len(entries(path)) == 1
    with pytest.raises(RowProblem, match="no end of the row within 50 characters"):
        entries(path, Limits(line_bytes=50))
