"""The targets of the fuzzer on any bytes, on what it begins with, and on what it once found."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import (
    ENDINGS,
    TARGETS,
    Target,
    any_record,
    check_text,
    json_line,
    whole_file,
)

FOUND = {
    "the reason of a faulty TSV quoted its delimiter": (
        whole_file,
        bytes([ENDINGS.index(".tsv")]) + b'\n"\n":',
    ),
    "an empty answer became a row where another turn of the record was marked": (
        any_record,
        bytes.fromhex("85d80c594ad7e612df3a5b64007a00000000060030"),
    ),
}
"""What was wrong → the target, and the bytes on which it failed."""


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_stays_mended(what: str) -> None:
    target, data = FOUND[what]
    target(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    assert seeds(name)
    for seed in seeds(name):
        TARGETS[name](seed)


@pytest.mark.parametrize("name", TARGETS)
@given(st.binary(max_size=200))
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


@given(st.recursive(st.text() | st.integers() | st.floats() | st.none(), st.lists, max_leaves=5))
def test_any_values(value: object) -> None:
    json_line(json.dumps({"a": value, "b": [value]}).encode())


@pytest.mark.parametrize(
    ("target", "part"),
    [(any_record, "detect_format"), (whole_file, "read_dataset"), (json_line, "parse_object")],
)
def test_a_crash_fails_its_target(
    monkeypatch: pytest.MonkeyPatch, target: Target, part: str
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("role")

    monkeypatch.setattr(f"tests.fuzz.targets.{part}", broken)
    with pytest.raises(KeyError):
        target(b"{}")


@pytest.mark.parametrize("part", ["quick_object", "parse_object"])
def test_a_reader_that_reads_something_else_fails(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(f"tests.fuzz.targets.{part}", lambda _: {"a": 1.0})
    with pytest.raises(AssertionError, match="reads something else"):
        json_line(b'{"a": 1}')


@pytest.mark.parametrize("text", ["\x1b[31m", "caf\u00e9", "x" * 1000])
def test_a_message_that_cannot_be_shown_fails(text: str) -> None:
    with pytest.raises(AssertionError):
        check_text(text)
