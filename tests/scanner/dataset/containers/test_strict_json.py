"""The quick parser takes nothing that the strict one refuses or reads in another way."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanner.dataset.containers.strict_json import parse_object, quick_object
from scanner.dataset.interface import RowProblem

KEYS = st.sampled_from(["a", "b", 'a"', "a\\", "é", "", ":"]) | st.text(max_size=3)
TEXTS = st.sampled_from(['":', '\\":', "\\", '"', "\ud83e\udd89", "\u2028", "\x00"]) | st.text()
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
)


@st.composite
def objects(draw: Any) -> str:
    """An object as JSON, spaced or not, escaped or not, sometimes with a key twice."""
    pairs = draw(st.lists(st.tuples(KEYS, VALUES), max_size=4))
    space = draw(st.sampled_from(["", " ", "\t", "  \r"]))
    ascii_only = draw(st.booleans())

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=ascii_only, separators=(f"{space},", f"{space}:"))

    return "{" + ",".join(f"{dump(key)}{space}:{dump(value)}" for key, value in pairs) + "}"


@given(objects())
def test_they_agree_on_objects(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


@given(objects(), st.data())
def test_they_agree_on_damaged_objects(text: str, data: Any) -> None:
    content = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        piece = data.draw(
            st.sampled_from(
                [b'"', b"\\", b"{", b"}", b",", b":", b"NaN", b"1e999", b"\xed\xa0\x80"]
            )
            | st.binary(min_size=1, max_size=2)
        )
        content[at : at + data.draw(st.integers(0, 2))] = piece
    check(bytes(content))


@given(st.integers(195, 260), st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]), st.booleans())
def test_they_agree_on_depth(levels: int, brackets: tuple[bytes, bytes], empty: bool) -> None:
    inside = b"{}" if empty else b"1"
    check(b'{"a":' + brackets[0] * levels + inside + brackets[1] * levels + b"}")


@given(st.integers(0, 4400), st.sampled_from(["", ".5", "e5", "e308", "e-400", "0" * 30]))
def test_they_agree_on_numbers(digits: int, end: str) -> None:
    check(f'{{"a":{"9" * digits}{end},"b":-{"1" * digits}{end}}}'.encode())


def check(content: bytes) -> None:
    quick = quick_object(content)
    try:
        strict = parse_object(content)
    except RowProblem:
        assert quick is None
        return
    assert quick is None or same(quick, strict)


def same(one: object, other: object) -> bool:
    """Whether two values are equal, the kinds of their numbers and the order of keys included."""
    return repr(one) == repr(other)


def test_ordinary_rows_go_the_quick_way() -> None:
    row = {"messages": [{"role": "user", "content": 'Say "a": b\\ \n é 🦉 "'}], "weight": 1}
    for text in (json.dumps(row), json.dumps(row, ensure_ascii=False, separators=(",", ":"))):
        assert quick_object(text.encode()) == row
