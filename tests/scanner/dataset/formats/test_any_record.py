"""Whatever a record holds: rows, or one clear line about what is wrong with it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scanner.config import Preference, ReadOptions
from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.formats.reading import ROLES
from scanner.dataset.formats.table import FORMATS
from scanner.dataset.interface import RowProblem

TEXT = st.one_of(
    st.sampled_from(["Hi", "", " ", "{}", "[]", '{"name": "x", "arguments": "{}"}', "\x1b[0m\n"]),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(-1, 3), st.floats(), st.binary(max_size=2), TEXT
)
# fmt: off
KEYS = (
    "role", "content", "from", "value", "type", "text", "thinking", "weight", "train", "Role",
    "train_detail", "begin_offset", "end_offset", "tool_calls", "function_call", "function",
    "name", "arguments", "label", "messages", "tools", "id",
)
# fmt: on


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    turn = st.fixed_dictionaries(
        {"role": st.sampled_from([*ROLES, "x"]), "content": inner},
        optional=dict.fromkeys(("weight", "train", "train_detail", "tool_calls"), inner),
    )
    part = st.fixed_dictionaries(
        {"type": st.just("text"), "text": inner}, optional={"train": inner}
    )
    return st.one_of(
        st.lists(inner, max_size=3),
        st.lists(turn, min_size=1, max_size=3),
        st.lists(part, min_size=1, max_size=3),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    )


VALUE = st.recursive(SCALAR, nested, max_leaves=8)
RECORD = st.sampled_from(FORMATS).flatmap(
    lambda shape: st.fixed_dictionaries(
        dict.fromkeys(shape.needs, VALUE),
        optional=dict.fromkeys((*shape.may_have, "id", "Text", "other"), VALUE),
    )
)


@given(RECORD, st.sampled_from(Preference))
def test_any_record(record: dict[str, Any], preference: Preference) -> None:
    formats = formats_for(ReadOptions(preference=preference))
    try:
        parsed = detect_format(record, formats).parse(record, 1)
    except RowProblem as problem:
        assert str(problem).isascii()
        assert str(problem).isprintable()
        assert len(str(problem)) < 700
    else:
        assert parsed.rows or parsed.masked
        assert all(row.answer and (row.prompt or row.prefix) for row in parsed.rows)
        assert all(masked.text for masked in parsed.masked)
