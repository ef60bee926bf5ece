"""CSV and TSV: what a cell becomes, and what is said of a file that readers split differently."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset.containers.cells import Kind, kind_of, reads_as_text
from scanner.dataset.interface import Entry, ReaderDisagreement
from scanner.dataset.limits import Limits

Write = Callable[[str, bytes], Path]
Entries = Callable[..., list[Entry]]
TrainersRows = Callable[[Path, str], list[dict[str, Any]] | None]


def test_rows(write: Write, entries: Entries) -> None:
    content = b'p,c\r\n"a,b","two\r\nlines"\r\n,"say ""x"""\r\n'
    assert [entry[:3] for entry in entries(write("x.csv", content))] == [
        (2, {"p": "a,b", "c": "two\r\nlines"}, b'["a,b", "two\\r\\nlines"]'),
        (4, {"c": 'say "x"'}, b'["", "say \\"x\\""]'),
    ]


def test_tabs(write: Write, records: Callable[..., Any]) -> None:
    assert records(write("x.tsv", b"p\tc\na,b\tx\n")) == [{"p": "a,b", "c": "x"}]


def test_what_is_no_text_for_a_trainer_is_none_here(
    write: Write, records: Callable[..., Any]
) -> None:
    content = b"p,label,c,n\nx,True,NA,7\ny,False,None,08\n"
    assert records(write("x.csv", content)) == [
        {"p": "x", "label": True, "n": 7},
        {"p": "y", "label": False, "n": 8},
    ]


def test_a_word_that_pandas_drops_is_named(write: Write, entries: Entries) -> None:
    first, second = entries(write("x.csv", b"p,c\nx,\ny,None\n"))
    assert first.hint == ""
    assert second.hint == (
        "'None' under 'c' is an empty cell to trainers' readers (pandas): write JSON Lines, where "
        "every text is in quotes"
    )


def test_a_column_without_a_name_gets_that_of_pandas(
    write: Write, records: Callable[..., Any], trainers_rows: TrainersRows
) -> None:
    path = write("x.csv", b",p,\n0,x,z\n")
    assert records(path) == [{"Unnamed: 0": 0, "p": "x", "Unnamed: 2": "z"}]
    assert records(path) == trainers_rows(path, "csv")


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2.5", " 3 ", "1e5", "inf", ""], Kind.NUMBER),
        (["True", "false", "NA"], Kind.BOOLEAN),
        (["", "NA", "null"], Kind.MISSING),
        (["1", "one"], Kind.TEXT),
        (["True", "1"], Kind.TEXT),
        (["1_000", "2"], Kind.TEXT),
        (["1,5"], Kind.TEXT),
        (["\u0661"], Kind.TEXT),
    ],
)
def test_kinds_of_columns(cells: list[str], kind: Kind) -> None:
    assert kind_of(cells) is kind


@pytest.mark.parametrize(
    ("cell", "same"), [("7", True), ("0", True), ("007", False), ("7.0", False), ("-7", False)]
)
def test_numbers_that_are_texts_as_well(cell: str, same: bool) -> None:
    assert reads_as_text(cell) is same


@pytest.mark.parametrize(
    ("content", "line", "found"),
    [
        (b"p,c\nx,y\nz\n", 3, "a row of 1 where the header has 2"),
        (b"p,c\nx,y,z\n", 2, "a row of 3 where the header has 2"),
        (b'p,c\nx,"a"b\n', 2, "a row that readers split in different ways "
         "(',' expected after '\"')"),
        (b'p,c\nx,y\nx,"a\n\n', 3, "a row that readers split in different ways "
         "(unexpected end of data)"),
        (b"p,c\nx,y\n\nz,w\n", 3, "a blank line between rows"),
        (b"p,c\nx,a\0b\n", 2, "a NUL"),
        (b"p,c\nx,\xe9\n", 2, "invalid UTF-8"),
        (b"p,p\nx,y\n", 1, "the column 'p' without a name of its own"),
        (b",Unnamed: 0\nx,y\n", 1, "the column 'Unnamed: 0' without a name of its own"),
    ],
)  # fmt: skip
def test_refused(write: Write, entries: Entries, content: bytes, line: int, found: str) -> None:
    with pytest.raises(ReaderDisagreement) as caught:
        entries(write("x.csv", content))
    assert (caught.value.line, caught.value.found) == (line, found)


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        (Limits(line_bytes=10), "a line of more than 10 bytes"),
        (Limits(columns=1), "2 columns"),
        (Limits(batch_bytes=30), "10,000 rows of more than 30 characters"),
    ],
)
def test_caps(write: Write, entries: Entries, limits: Limits, found: str) -> None:
    path = write("x.csv", b"p,c\n" + b"xx,yyyyyyyyyy\n" * 3)
    assert len(entries(path)) == 3
    with pytest.raises(ReaderDisagreement, match=found):
        entries(path, limits)


@pytest.mark.parametrize(
    ("first", "later", "kept"),
    [
        (b"text", b"7", True),
        (b"text", b"", True),
        (b"7", b"8", True),
        (b"text", b"007", False),
        (b"text", b"7.50", False),
        (b"text", b"True", False),
        (b"7", b"text", False),
        (b"", b"text", False),
        (b"True", b"7", False),
    ],
)
def test_a_column_whose_kind_changes_after_ten_thousand_rows(
    write: Write,
    records: Callable[..., Any],
    trainers_rows: TrainersRows,
    first: bytes,
    later: bytes,
    kept: bool,
) -> None:
    path = write("x.csv", b"p,c\n" + b"x,%s\n" % first * 10_000 + b"y,%s\n" % later)
    if kept:
        assert records(path) == trainers_rows(path, "csv")
        return
    theirs = trainers_rows(path, "csv")
    assert theirs is None or theirs[-1].get("c") != later.decode()
    with pytest.raises(ReaderDisagreement, match="in the column 'c' of "):
        records(path)
