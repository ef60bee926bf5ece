"""All records of a dataset are written in one way, which the first good one sets."""

import pytest

from scanner.dataset.interface import ReadOptions, RowProblem
from scanner.dataset.one_format import OneFormat
from scanner.errors import DatasetError

PLAIN = {"prompt": "p", "completion": "c"}


def test_the_first_good_record_sets_the_format() -> None:
    reader = OneFormat(ReadOptions())
    assert reader.name == ""
    with pytest.raises(RowProblem):
        reader.parse({"messages": []}, 1)
    assert reader.name == ""
    assert [row.answer for row in reader.parse(PLAIN, 2).rows] == ["c"]
    assert reader.name == "prompt-completion"
    with pytest.raises(RowProblem) as caught:
        reader.parse({"text": "t"}, 3)
    assert str(caught.value) == (
        "found a row of the format 'text'; expected the format 'prompt-completion' of the rows "
        "before it; convert all rows to one format, or leave the others "
        "out with --on-bad-row report"
    )


def test_two_sets_of_fields_under_one_name() -> None:
    """A trainer reads one of them; what stands in the other is never trained on."""
    reader = OneFormat(ReadOptions())
    reader.parse({"question": "Hi", "answer": "Hello"}, 1)
    with pytest.raises(RowProblem) as caught:
        reader.parse({"INSTRUCTION": "Hi", "RESPONSE": "Hello"}, 2)
    assert str(caught.value) == (
        "found a row of 'INSTRUCTION' and 'RESPONSE'; expected 'question' and 'answer' of the rows "
        "before it; convert all rows to one format, or leave the others "
        "out with --on-bad-row report"
    )


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (
            PLAIN,
            {
                "prompt": [{"role": "user", "content": "p"}],
                "completion": [{"role": "assistant", "content": "c"}],
            },
            "found a list as 'prompt'; expected a text, as in the rows before it; "
            "write the field in the same way in all rows; beside other values, trainers' readers "
            "take texts for JSON",
        ),
        (
            {"prompt": "p", "completion": "c", "label": True},
            {"prompt": "p", "completion": "c", "label": 1},
            "found a number as 'label'; expected true or false, as in the rows before it; "
            "write the field in the same way in all rows",
        ),
    ],
)
def test_a_field_of_two_kinds(
    first: dict[str, object], second: dict[str, object], message: str
) -> None:
    """``datasets`` takes such a column for JSON, and a text '7' in it for a number."""
    reader = OneFormat(ReadOptions())
    reader.parse(first, 1)
    with pytest.raises(RowProblem) as caught:
        reader.parse(second, 2)
    assert str(caught.value) == message


def test_fields_that_are_not_read_may_be_of_any_kind() -> None:
    reader = OneFormat(ReadOptions())
    for number in (1, "one", None, [1]):
        assert reader.parse(PLAIN | {"id": number}, 1).rows


def test_a_record_without_fields_is_of_no_format() -> None:
    reader = OneFormat(ReadOptions())
    reader.parse(PLAIN, 1)
    with pytest.raises(RowProblem, match="an empty object"):
        reader.parse({}, 2)


def test_a_format_that_there_is_not() -> None:
    with pytest.raises(DatasetError, match="parrot"):
        OneFormat(ReadOptions(format="parrot"))
