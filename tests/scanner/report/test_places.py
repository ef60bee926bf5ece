"""Files, lines and their addresses."""

import pytest

from scanner.dataset.screen.findings import Place
from scanner.report.places import data_files, file_uri, located
from scanner.types import DataFile

ONE = DataFile("a.jsonl", "41" * 32, 5)
TABLE = DataFile("b.parquet", "42" * 32, 7)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("data/vendor.jsonl", "data/vendor.jsonl"),
        ("./data//vendor.jsonl", "data/vendor.jsonl"),
        ("../x.jsonl", "../x.jsonl"),
        ("a b#c?d%.jsonl", "a%20b%23c%3Fd%25.jsonl"),
        ("/data/x.jsonl", "file:///data/x.jsonl"),
        ("//host/x.jsonl", "file:///host/x.jsonl"),
        (r"C:\data\x y.jsonl", "file:///C:/data/x%20y.jsonl"),
        (r"data\x.jsonl", "data/x.jsonl"),
        (r"\\server\share\x.jsonl", "file:///server/share/x.jsonl"),
        ("javascript:alert(1)", "javascript%3Aalert%281%29"),
        ("https://example.org/x", "https%3A/example.org/x"),
        ("-rf.jsonl", "-rf.jsonl"),
        ("new\nline", "new%0Aline"),
        ("<img>", "%3Cimg%3E"),
        ("\u732b", "%E7%8C%AB"),
        ("\udcff", "%ED%B3%BF"),
    ],
)
def test_a_path_as_uri(path: str, uri: str) -> None:
    assert file_uri(path) == uri


def test_listed_files_are_taken_in_order(results_of) -> None:
    results = results_of("shift_found")
    results["dataset"]["files"] = [
        {"path": "b.parquet", "sha256": "42" * 32, "size": 7},
        {"path": "a.jsonl", "sha256": "41" * 32, "size": 0},
    ]
    assert data_files(results) == (TABLE, DataFile("a.jsonl", "41" * 32, 0))


def test_a_table_has_no_lines() -> None:
    places = [Place(0, 7), Place(1, 9), Place(1, 12), Place(0, 7)]
    assert located(places, (ONE, TABLE)) == ((ONE, 7), (TABLE, 1))


def test_what_has_no_place_stands_at_the_beginning() -> None:
    assert located([], (ONE, TABLE)) == ((ONE, 1),)
    assert located([Place(5, 3)], (ONE, TABLE)) == ((ONE, 1),)
