"""Which format a record is written in."""

import pytest

from scanner.dataset.formats import FORMATS, detect_format
from scanner.dataset.interface import Record, RowProblem

ACCEPTED = "expected exactly 'messages', or 'prompt' and 'completion'"


def test_every_format_recognises_its_own_keys() -> None:
    for row_format in FORMATS:
        assert detect_format(dict.fromkeys(row_format.keys)) is row_format


def test_names_are_unique() -> None:
    assert len({row_format.name for row_format in FORMATS}) == len(FORMATS)


@pytest.mark.parametrize(
    ("record", "found"),
    [
        ({}, "an empty object"),
        ({"text": ""}, "the keys 'text'"),
        ({"conversations": []}, "the keys 'conversations'"),
        ({"Messages": []}, "the keys 'Messages'"),
        ({"messages\u200b": []}, r"the keys 'messages\u200b'"),
        ({"prompt": ""}, "the keys 'prompt'"),
        ({"messages": [], "text": ""}, "the keys 'messages', 'text'"),
        ({"prompt": "", "completion": "", "x": 1}, "the keys 'prompt', 'completion', 'x'"),
    ],
)
def test_unknown_keys(record: Record, found: str) -> None:
    with pytest.raises(RowProblem) as caught:
        detect_format(record)
    assert str(caught.value) == (
        f"found {found}; {ACCEPTED}; convert the rows to one of these formats"
    )


def test_two_formats_in_one_row() -> None:
    with pytest.raises(RowProblem) as caught:
        detect_format({"messages": [], "prompt": ""})
    assert str(caught.value) == (
        f"found the keys of 2 formats in one row ('messages', 'prompt'); {ACCEPTED}; "
        "keep only the keys that your trainer reads"
    )
