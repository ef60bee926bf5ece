"""The targets of the fuzzer on any bytes, on what it begins with, and on what it once found."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.seeds import seeds
from tests.fuzz.targets import ENDINGS, TARGETS, any_record, json_line, whole_file

FOUND = {
    "the reason of a faulty TSV quoted its delimiter": (
        whole_file,
        bytes([ENDINGS.index(".tsv")]) + b'\n"\n":',
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


def test_a_target_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("role")

    monkeypatch.setattr("tests.fuzz.targets.detect_format", broken)
    with pytest.raises(KeyError):
        any_record(b"")
