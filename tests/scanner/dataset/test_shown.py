"""Text from the file in messages."""

from pathlib import Path

import pytest

from scanner.dataset.shown import describe, show_keys, show_path, show_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "'plain'"),
        ("a\nb\x1b[31m", r"'a\nb\x1b[31m'"),
        ("\u202eabc\u200b", r"'\u202eabc\u200b'"),
        ("m\u0435ssages", r"'m\u0435ssages'"),
        ("\ud800", r"'\ud800'"),
        ("x" * 60, "'" + "x" * 60 + "'"),
        ("x" * 61, "'" + "x" * 60 + "...'"),
    ],
)
def test_show_text(text: str, shown: str) -> None:
    assert show_text(text) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "a number"),
        ("", "''"),
        ([], "an empty list"),
        ([0], "a list"),
        ({}, "an empty object"),
        ({"a": 0}, "an object"),
        (b"a", "a value of the type bytes"),
    ],
)
def test_describe(value: object, shown: str) -> None:
    assert describe(value) == shown


def test_show_keys_cuts_long_lists() -> None:
    assert show_keys(["a", "b"]) == "'a', 'b'"
    assert show_keys("abcdefghij") == "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more"


def test_show_path_keeps_letters_and_escapes_what_acts() -> None:
    assert show_path(Path("d\u00e4ta/ve\x1b[31mndor\u202e\n.jsonl")) == (
        "d\u00e4ta/ve\\x1b[31mndor\\u202e\\n.jsonl"
    )
    assert show_path(Path("a" * 250 + "/z.jsonl")) == "..." + "a" * 232 + "/z.jsonl"
