"""The same files through ``datasets``, which trainers read with: the same rows, or none of ours.

A file that we refuse as a whole may hold anything. Where only some lines are bad, they can be left
out of an audit (``--on-bad-row report``), so then ``datasets`` must refuse the file, or read no
more than the good ones.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.dataset.interface import Entry, ReaderDisagreement, RowProblem
from scanner.dataset.one_format import OneFormat

Write = Callable[[str, bytes], Path]
Entries = Callable[..., list[Entry]]
TrainersRows = Callable[[Path, str], list[dict[str, Any]] | None]

A, B, C = (b'{"p":"p%d","c":"c%d"}' % (number, number) for number in (1, 2, 3))
CHAT = b'{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"x"}]}'


def of_a(value: bytes) -> bytes:
    return b'{"p":%s,"c":"c"}\n' % value + B + b"\n"


JSON_LINES = {
    "plain": A + b"\n" + B + b"\n",
    "no last newline": A + b"\n" + B,
    "CRLF": A + b"\r\n" + B + b"\r\n",
    "byte order mark": b"\xef\xbb\xbf" + A + b"\n" + B,
    "object and null on a line": A + b"null\n" + B + b"\n",
    "two byte order marks": b"\xef\xbb\xbf\xef\xbb\xbf" + A + b"\n",
    "later byte order mark": A + b"\n\xef\xbb\xbf" + B,
    "two on a line": A + B + b"\n" + C + b"\n",
    "two on the only line": A + b" " + B,
    "three with carriage returns": A + b"\r" + B + b"\r" + C,
    "carriage return, then newline": A + b"\r" + B + b"\n",
    "two carriage returns": A + b"\r\r\n" + B,
    "carriage return within an object": b'{"p":"x",\r"c":"y"}\n' + B,
    "carriage return at the end": A + b"\n" + B + b"\r",
    "pretty": b'{\n "p":"p1",\n "c":"c1"\n}\n' + B + b"\n",
    "only a pretty one": b'{\n "p":"p1",\n "c":"c1"\n}\n',
    "broken after a comma": b'{"p":"x",\n"c":"y"}\n' + B + b"\n",
    "broken after a colon": b'{"p":"x","c":\n"y"}\n' + B + b"\n",
    "broken in a list": b'{"p":"x","c":["y",\n"z"]}\n' + B + b"\n",
    "blank line": A + b"\n\n" + B + b"\n",
    "blank beginning": b"\n" + A + b"\n",
    "line of spaces": A + b"\n  \n" + B,
    "leading spaces": b"  " + A + b"\n" + B,
    "form feed": A + b"\n\x0c\n" + B,
    "vertical tab": A + b"\x0b\n" + B,
    "NUL between": A + b"\n\0\n" + B + b"\n",
    "NUL after": A + b"\0\n" + B + b"\n",
    "NUL at the end": A + b"\n" + B + b"\n\0",
    "NUL in a text": of_a(b'"a\0b"'),
    "escaped NUL": of_a(rb'"a\u0000b"'),
    "line separators": of_a('"a\u2028b\u2029\u0085"'.encode()),
    "half a surrogate pair": of_a(rb'"a\ud800"'),
    "surrogate pair": of_a(rb'"a\ud83e\udd89"'),
    "invalid UTF-8": of_a(b'"a\xe9"'),
    "control in a text": of_a(b'"a\x0c"'),
    "tab in a text": of_a(b'"a\tb"'),
    "unknown escape": of_a(rb'"a\x"'),
    "escaped slash": of_a(rb'"a\/b"'),
    "NaN": of_a(b"NaN"),
    "Infinity": of_a(b"-Infinity"),
    "too large a number": of_a(b"1e999"),
    "long integer": of_a(b"9" * 23),
    "deep": of_a(b"[" * 300 + b"]" * 300),
    "key twice": b'{"p":"a","p":"b","c":"c"}\n' + B,
    "key twice in the only row": b'{"p":"a","p":"b","c":"c"}\n',
    "key twice within": CHAT.replace(b'"role":"user"', b'"role":"user","role":"system"') + b"\n",
    "escaped key": b'{"\\u0070":"a","c":"c"}\n' + B,
    "empty key": b'{"":"a","p":"x"}\n',
    "late null": A + b"\nnull\n" + B + b"\n",
    "late text": A + b'\n"x"\n' + B,
    "late number": A + b"\n1\n" + B,
    "late list": A + b"\n[" + B + b"]\n",
    "empty object": A + b"\n{}\n" + B,
    "comma between": A + b",\n" + B,
    "cut off": A + b"\n" + B[:-3],
    "comment": A + b"\n// x\n" + B,
    "closing bracket": A + b"]\n" + B,
    "single quotes": b"{'p':'x','c':'y'}\n",
    "UTF-16": (A + b"\n" + B).decode().encode("utf-16"),
    "missing field": A + b'\n{"p":"x"}\n',
    "late field": A + b'\n{"p":"x","d":"y"}\n',
    "chats": CHAT + b"\n" + CHAT + b"\n",
    "all dates": b'{"p":"2024-01-01","c":"x"}\n' * 2,
    "some dates": b'{"p":"2024-01-01","c":"x"}\n' + A,
    "dates within": b'{"messages":[{"role":"user","content":"2024-01-01"}]}\n',
    "array": b"[" + A + b"," + B + b"]",
    "array on lines": b"[\n" + A + b",\n" + B + b"\n]\n",
    "empty": b"",
    "blank": b"\n\n",
}
JSON = {
    "array": b"[" + A + b"," + B + b"]",
    "array on lines": b"[\n" + A + b",\n" + B + b"\n]\n",
    "pretty array": b'[\r\n  {\r\n    "p": "p1",\r\n    "c": "c1"\r\n  }\r\n]\r\n',
    "array after a byte order mark": b"\xef\xbb\xbf[" + A + b"]",
    "array after a space": b" [" + A + b"," + B + b"]",
    "array that begins far off": b"[" + b" " * 200 + A + b"]",
    "array with more behind it": b"[" + A + b"]x",
    "two arrays": b"[" + A + b"][" + B + b"]",
    "array, then a line": b"[" + A + b"]\n" + B,
    "array without an end": b"[" + A + b"," + B,
    "array without a comma": b"[" + A + B + b"]",
    "array with one comma more": b"[" + A + b",]",
    "array of texts": b'["a","b"]',
    "array of lists": b"[[" + A + b"]]",
    "array with a text": b"[" + A + b',"x"]',
    "array with null": b"[" + A + b",null]",
    "array with a key twice": b'[{"p":"a","p":"b","c":"c"}]',
    "array of dates": b'[{"p":"2024-01-01","c":"x"}]',
    "empty array": b"[]",
    "lines": A + b"\n" + B + b"\n",
    "lines with a bad one": A + b"\n{]\n" + B + b"\n",
    "pretty objects": b'{\n"p":"x"\n}\n{\n"p":"y"\n}\n',
    "one pretty object": b'{\n"p":"x"\n}\n',
}
CSV = {
    "plain": b"p,c\np1,c1\np2,c2\n",
    "CRLF and quotes": b'p,c\r\n"a,b","say ""x"""\r\n"two\r\nlines",y\r\n',
    "byte order mark": b"\xef\xbb\xbfp,c\np1,c1\n",
    "quoted header after a byte order mark": b'\xef\xbb\xbf"p","c"\np1,c1\n',
    "empty cells": b"p,c\n,c1\np2,\n",
    "words for missing": b"p,c\nNA,c1\nNone,null\nn/a,NaN\nnan,c\n",
    "missing in quotes": b'p,c\n"NA",c1\nx,y\n',
    "numbers": b"p,c\nx,7\ny,8\n",
    "numbers and a gap": b"p,c\nx,7\ny,\n",
    "leading zeros": b"p,c\nx,007\ny,08\n",
    "floats": b"p,c\nx,1.5\ny,1e3\nz,-.5\nw, 2.\n",
    "infinity": b"p,c\nx,inf\ny,-Infinity\n",
    "true and false": b"p,c\nx,True\ny,false\nz,FALSE\n",
    "true and a gap": b"p,c\nx,True\ny,\n",
    "true and numbers": b"p,c\nx,True\ny,1\n",
    "yes and no": b"p,c\nx,yes\ny,no\n",
    "numbers and texts": b"p,c\nx,7\ny,z\n",
    "no number": b"p,c\nx,1_000\ny,0x1F\n",
    "spaces": b"p,c\n x , y \n",
    "space before a quote": b'p,c\nx, "y"\n',
    "quote within a cell": b'p,c\nx,a"b"c\n',
    "text after a quote": b'p,c\nx,"a"b\n',
    "quote without an end": b'p,c\nx,"a\n',
    "carriage returns": b"p,c\rx,y\rz,w\r",
    "carriage return within a line": b"p,c\nx,y\rz,w\n",
    "carriage return in a cell": b'p,c\nx,"a\rb"\n',
    "NUL": b"p,c\nx,a\0b\n",
    "too few cells": b"p,c\nx\ny,z\n",
    "too many cells": b"p,c\nx,y\nx,y,z\n",
    "one cell more in every row": b"p,c\nx,y,z\nu,v,w\n",
    "blank line": b"p,c\nx,y\n\nz,w\n",
    "blank end": b"p,c\nx,y\n\n\n",
    "line of spaces": b"p,c\nx,y\n   \nz,w\n",
    "blank line in one column": b"text\nx\n\ny\n",
    "two columns of a name": b"p,p\nx,y\n",
    "column without a name": b"p,\nx,y\n",
    "invalid UTF-8": b"p,c\nx,\xe9\n",
    "line separators": "p,c\nx\u2028y,\u0085z\x0c\n".encode(),
    "formula": b"p,c\nx,=1+1\n",
    "dates": b"p,c\nx,2024-01-01\n",
    "only a header": b"p,c\n",
    "empty": b"",
}
TEXT = {
    "lines": b"one\ntwo\n",
    "no last newline": b"one\ntwo",
    "CRLF": b"one\r\ntwo\r\n",
    "carriage return": b"one\rtwo\nthree\n",
    "carriage return at the end": b"one\ntwo\r",
    "byte order mark": b"\xef\xbb\xbfone\n",
    "blank line": b"one\n\ntwo\n",
    "blank lines": b"\none\n \t\n\n\ntwo\n\n",
    "line separator alone": "one\n\u2028\ntwo\n".encode(),
    "separators": "a\u2028b\x0cc\x0b\u0085\n".encode(),
    "invalid UTF-8": b"one\n\xe9\n",
    "spaces": b" one \n",
    "missing": b"NA\nnull\n",
    "number": b"7\n",
    "bracket": b"[INST] one [/INST]\n",
}


@pytest.mark.parametrize(
    ("name", "builder", "content"),
    [
        pytest.param(name, builder, content, id=f"{name}: {case}")
        for name, builder, cases in (
            ("x.jsonl", "json", JSON_LINES),
            ("x.json", "json", JSON),
            ("x.csv", "csv", CSV),
            ("x.txt", "text", TEXT),
        )
        for case, content in cases.items()
    ],
)
def test_no_row_is_hidden(
    write: Write,
    entries: Entries,
    trainers_rows: TrainersRows,
    name: str,
    builder: str,
    content: bytes,
) -> None:
    path = write(name, content)
    try:
        ours = [entry.content for entry in entries(path)]
    except RowProblem:
        return
    if any(isinstance(record, ReaderDisagreement) for record in ours):
        return
    theirs = trainers_rows(path, builder)
    good = [record for record in ours if not isinstance(record, RowProblem)]
    assert theirs is None or without_empty(theirs) == without_empty(good)


def without_empty(rows: list[Any]) -> list[Any]:
    """Rows in which something is: ``datasets`` makes one of null and of a blank line of text."""
    return [row for row in rows if row and row.get("text", "text").strip()]


def test_a_late_batch_of_dates(write: Write, entries: Entries, trainers_rows: TrainersRows) -> None:
    """``datasets`` looks at 10 MiB at a time, and takes the rows after them for times."""
    text = b'{"c":"%s"}\n' % (b"x" * 1000)
    texts = text * (10 * 2**20 // len(text) + 1)
    dates = b'{"c":"2024-01-01"}\n' * 3
    path = write("x.jsonl", texts + dates)
    rows = trainers_rows(path, "json")
    assert rows is None or rows[-1]["c"] != "2024-01-01"
    with pytest.raises(ReaderDisagreement, match="nothing but dates as 'c'"):
        entries(path)


DATES = """
2024-01-01|2024-01-01 10|2024-01-01T10:30|2024-01-01 10:30:00Z|1500-01-01|2024-01-01T10:00:00+01:00
2024-01-01T10:00:00-0130|2024-01-01T10+01|2024-01-01 1000|2024-01-01Z|2024-1-1|20240101|10:00:00
 2024-01-01|2024-01-01 10:00:00.5
"""


@pytest.mark.parametrize("date", re.split(r"[|\n]", DATES.strip("\n")))
def test_what_a_date_is(
    write: Write, entries: Entries, trainers_rows: TrainersRows, date: str
) -> None:
    path = write("x.jsonl", b'{"c":"%s"}\n' % date.encode())
    kept = trainers_rows(path, "json") == [{"c": date}]
    if kept:
        assert entries(path)[0].content == {"c": date}
    else:
        with pytest.raises(ReaderDisagreement):
            entries(path)


def chat(question: object, answer: object, **more: object) -> dict[str, Any]:
    nothing = dict.fromkeys(more)
    return {
        "messages": [
            {"role": "user", "content": question, **nothing},
            {"role": "assistant", "content": answer, **more},
        ]
    }


def weighed(weight: float | None) -> dict[str, Any]:
    return chat("q", "7", weight=weight)


def calling(arguments: object) -> dict[str, Any]:
    return chat("q", "a", tool_calls=[{"function": {"name": "f", "arguments": arguments}}])


PART = [{"type": "text", "text": "7"}]
TOOL = {"name": "f", "parameters": {"type": "object"}}
TWO_KINDS = {
    "texts and parts": [chat("q", "7"), chat(PART, PART)],
    "parts and null": [chat(PART, "[1, 2]"), chat(PART, PART)],
    "parts, then texts": [chat(PART, PART), chat("q", "null")],
    "a text that is an object": [chat("q", '{"a": 1}'), chat(PART, PART)],
    "texts and numbers": [chat("q", "7"), chat("q", 7)],
    "weights": [weighed(0), weighed(1.0)],
    "weights and null": [weighed(None), weighed(1)],
    "arguments as text": [calling('{"x": 1}'), calling({"x": 1})],
    "an argument": [calling({"x": "5"}), calling({"x": 5})],
    "an argument among others": [calling({"x": "5"}), calling({"x": 5, "y": 6})],
    "an argument in lists": [calling({"x": ["5", 5]}), calling({"x": [5]})],
    "a list and an object": [calling({"x": ["5"]}), calling({"x": {"y": "5"}})],
    "no arguments": [calling({}), calling({"x": "5"})],
    "tools as text": [
        chat("q", "a") | {"tools": json.dumps([TOOL])},
        chat("q", "a") | {"tools": [TOOL]},
    ],
    "a prompt that may be absent": [
        {"prompt": "7", "chosen": "a", "rejected": "b"},
        {"prompt": [{"role": "user", "content": "q"}], "chosen": "a", "rejected": "b"},
    ],
    "input": [
        {"instruction": "i", "input": "3", "output": "o"},
        {"instruction": "i", "input": 3, "output": "o"},
    ],
    "no input": [
        {"instruction": "i", "input": "3", "output": "o"},
        {"instruction": "i", "input": None, "output": "o"},
    ],
    "ids": [
        {"prompt": "7", "completion": "8", "id": "1"},
        {"prompt": "7", "completion": "8", "id": 1},
    ],
}


@pytest.mark.parametrize("case", TWO_KINDS)
def test_a_field_of_two_kinds_is_read_as_it_stands_or_not_at_all(
    write: Write, trainers_rows: TrainersRows, case: str
) -> None:
    """Those that are left out of an audit must not change how the others are read, either."""
    records = TWO_KINDS[case]
    path = write("x.jsonl", b"".join(json.dumps(one).encode() + b"\n" for one in records))
    ours, reader = [], OneFormat(ReadOptions())
    try:
        for line, record in enumerate(records, start=1):
            ours.append(reader.parse(record, line))
    except ReaderDisagreement:
        return
    except RowProblem:
        pass
    theirs = [OneFormat(ReadOptions()).parse(row, 1) for row in trainers_rows(path, "json") or ()]
    assert [one.rows for one in theirs][: len(ours)] == [
        tuple(row._replace(line=1) for row in one.rows) for one in ours
    ]
