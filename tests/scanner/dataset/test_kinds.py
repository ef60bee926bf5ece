"""A place that holds texts in some records and something else in others."""

from typing import Any

import pytest

from scanner.config import ReadOptions
from scanner.dataset.interface import ReaderDisagreement, RowProblem
from scanner.dataset.kinds import MOST_PLACES, FieldKinds
from scanner.dataset.one_format import OneFormat

PARTS = [{"type": "text", "text": "a"}]


def chat(content: object, **more: object) -> dict[str, Any]:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": content, **more}]
    return {"messages": turns}


def calling(arguments: object) -> dict[str, Any]:
    return chat("a", tool_calls=[{"function": {"name": "f", "arguments": arguments}}])


def problem(*records: dict[str, Any]) -> RowProblem:
    """What is wrong with the last of the records."""
    reader = OneFormat(ReadOptions())
    for line, record in enumerate(records[:-1], start=1):
        reader.parse(record, line)
    with pytest.raises(RowProblem) as caught:
        reader.parse(records[-1], len(records))
    return caught.value


def test_the_message_names_the_place_and_both_kinds() -> None:
    found = problem(chat("7"), chat("8"), chat(PARTS))
    assert isinstance(found, ReaderDisagreement)
    assert str(found) == (
        "found a list as 'messages[].content'; expected a text, as in the rows before it; write "
        "the field in the same way in all rows; beside other values, trainers' readers take texts "
        "for JSON"
    )


@pytest.mark.parametrize(
    ("first", "second", "place"),
    [
        ({"messages": chat(PARTS)["messages"][1:]}, chat("7"), "'messages[].content'"),
        (calling("{}"), calling({}), "'messages[].tool_calls[].function.arguments'"),
        (calling({"x": "5"}), calling({"x": 5}), "'messages[].tool_calls[].function.arguments.x'"),
        (
            {"prompt": "p", "chosen": "a", "rejected": "b"},
            {"prompt": [{"role": "user", "content": "p"}], "chosen": "a", "rejected": "b"},
            "'prompt'",
        ),
        (
            {**chat("a"), "tools": '[{"name": "f"}]'},
            {**chat("a"), "tools": [{"name": "f"}]},
            "'tools'",
        ),
    ],
)
def test_wherever_it_stands(first: dict[str, Any], second: dict[str, Any], place: str) -> None:
    kinds = FieldKinds()
    fields = ("messages", "prompt", "chosen", "rejected", "tools")
    kinds.look_at(first, fields)
    with pytest.raises(ReaderDisagreement) as caught:
        kinds.look_at(second, fields)
    assert place in caught.value.found


def test_within_one_record() -> None:
    turns = [{"role": "user", "content": PARTS}, {"role": "assistant", "content": "[1]"}]
    found = problem({"messages": turns})
    assert found.found == "'[1]' as 'messages[].content'"


def test_a_faulty_record_counts() -> None:
    """Left out of the audit, it is still in the file, and decides how the others are read."""
    reader = OneFormat(ReadOptions())
    with pytest.raises(RowProblem):
        reader.parse({"messages": [{"role": "assistant", "content": 7}]}, 1)
    with pytest.raises(ReaderDisagreement, match="expected a number"):
        reader.parse(chat("7"), 2)


@pytest.mark.parametrize(
    "records",
    [
        [chat("a", weight=0), chat("a", weight=1.0)],
        [chat("a", weight=None), chat("a", weight=1)],
        [chat("a", name=None), chat("a", name="x")],
        [calling({"x": "5"}), calling({"x": 5, "y": 1})],
        [calling({}), calling({"x": "5"}), calling({"x": 5})],
        [calling({"x": [5]}), calling({"x": {"y": 5}}), calling({"x": 5})],
    ],
)
def test_what_every_reader_reads_alike(records: list[dict[str, Any]]) -> None:
    kinds = FieldKinds()
    for record in records:
        kinds.look_at(record, ("messages",))


def test_fields_that_are_not_read_are_not_looked_at() -> None:
    kinds = FieldKinds()
    for value in ("1", 1, [1], {"1": 1}):
        kinds.look_at({"id": value}, ("messages",))


def test_keys_without_end_cannot_fill_the_memory() -> None:
    many = [{f"k{number}": 1} for number in range(MOST_PLACES)]
    with pytest.raises(RowProblem, match="more than 10,000 different keys"):
        FieldKinds().look_at({"segments": many}, ("segments",))
