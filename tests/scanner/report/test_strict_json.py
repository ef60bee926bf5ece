"""JSON that means one thing to every reader, and nothing to a CI log."""

import json
from pathlib import Path

import pytest

from scanner.report import strict_json
from scanner.report.strict_json import as_json, read_json


@pytest.fixture
def read(tmp_path: Path):  # type: ignore[no-untyped-def]
    def read_text(text: str) -> object:
        path = tmp_path / "x.json"
        path.write_text(text, "utf-8")
        return read_json(path)

    return read_text


def test_ordinary_json_is_read(read) -> None:  # type: ignore[no-untyped-def]
    assert read('{"a": [1, -2.5, 1e-7, null, true, "é"]}') == {
        "a": [1, -2.5, 1e-7, None, True, "é"]
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' stands twice"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ("[-Infinity]", "-Infinity is not a JSON number"),
        ("[1e999]", "1e999 is larger than any number of an audit"),
        ("[-1e16]", "is larger"),
        (f"[{'9' * 5000}]", "99999999999999999999 is larger"),
        ("[1] [2]", "Extra data"),
        ("\ufeff[]", "BOM"),
    ],
)
def test_what_two_readers_could_take_differently_is_refused(read, text: str, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message.replace("[", r"\[")):
        read(text)


def test_a_file_is_read_no_further_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strict_json, "MOST_BYTES", 10)
    path = tmp_path / "x.json"
    path.write_text("[" + " " * 8 + "]")
    assert read_json(path) == []
    path.write_text("[" + " " * 9 + "]")
    with pytest.raises(ValueError, match="more than 10 bytes"):
        read_json(path)


def test_an_endless_file_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_json, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="more than 1,000 bytes"):
        read_json(Path("/dev/zero"))


@pytest.mark.parametrize(
    "text",
    ["::add-mask::x", ":::", "a::", "##[error]x", "###", r"\::", r"\\##", '"::"', "\u2028\x1b"],
)
def test_log_commands_are_broken_and_mean_the_same(text: str) -> None:
    written = as_json({text: [text]})
    assert "::" not in written
    assert "##" not in written
    assert written.isascii()
    assert json.loads(written) == {text: [text]}
