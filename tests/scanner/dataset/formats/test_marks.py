"""Which of an assistant's text is trained on."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.interface import Parsed
from scanner.types import Masked, Message, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]

USER = {"role": "user", "content": "Sum?"}
PROMPT = (Message("user", "Sum?"),)


def chat(**turn: Any) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant"} | turn]}


def stretch(begin: float, end: float, train: bool = True) -> dict[str, Any]:
    return {"begin_offset": begin, "end_offset": end, "train": train}


def test_only_marked_stretches_are_trained_on(parse: Parse) -> None:
    # 0123456789
    # I think 4.
    detail = [stretch(2, 6), stretch(8.0, 8.0)]
    assert parse(chat(content="I think 4.", train_detail=detail)) == Parsed(
        (
            Row(7, PROMPT, "think", prefix="I ", ended=False),
            Row(7, PROMPT, "4", prefix="I think ", ended=False),
        ),
        (Masked(7, "I "), Masked(7, " "), Masked(7, ".")),
    )


def test_a_stretch_up_to_the_end_teaches_the_end(parse: Parse) -> None:
    detail = [stretch(8, 9), stretch(0, 3, train=False)]
    assert parse(chat(content="I think 4.", train_detail=detail)).rows == (
        Row(7, PROMPT, "4.", prefix="I think ", ended=True),
    )


def test_stretches_that_touch_are_one(parse: Parse) -> None:
    detail = [stretch(0, 4), stretch(5, 9)]
    assert parse(chat(content="I think 4.", train_detail=detail)) == parse(
        chat(content="I think 4.")
    )


def test_parts_have_marks_of_their_own(parse: Parse) -> None:
    parts = [
        {"type": "text", "text": "Hm, ", "train": False},
        {"type": "text", "text": "so ", "weight": 0},
        {"type": "text", "text": "4", "weight": 1},
        {"type": "text", "text": "."},
    ]
    assert parse(chat(content=parts)) == Parsed(
        (Row(7, PROMPT, "4.", prefix="Hm, so "),), (Masked(7, "Hm, so "),)
    )


def test_a_part_without_text_is_no_stretch(parse: Parse) -> None:
    parts = [
        {"type": "text", "text": "", "train": True},
        {"type": "text", "text": "so ", "train": False},
        {"type": "text", "text": "4"},
        {"type": "text", "text": "", "train": False},
    ]
    assert parse(chat(content=parts)).rows == (Row(7, PROMPT, "4", prefix="so "),)


def test_an_empty_answer_is_refused_beside_a_marked_turn(problem: Problem) -> None:
    turns = [USER, {"role": "assistant", "content": "4", "weight": 0}, USER]
    said = problem({"messages": [*turns, {"role": "assistant", "content": ""}]})
    assert "found an empty assistant answer" in said


def test_parts_without_marks_are_one_text(parse: Parse) -> None:
    parts = [{"type": "text", "text": "4"}, {"type": "text", "text": ".", "image_url": None}]
    assert parse(chat(content=parts)) == parse(chat(content="4."))
    question = {"role": "user", "content": [{"type": "text", "text": "Sum?"}]}
    answer = {"role": "assistant", "content": "4."}
    assert parse({"messages": [question, answer]}) == parse(chat(content="4."))


def test_thoughts_as_a_part(parse: Parse) -> None:
    parts = [{"type": "thinking", "thinking": "2 + 2"}, {"type": "text", "text": "4."}]
    assert parse(chat(content=parts)) == parse(chat(content="4.", thinking="2 + 2"))


def test_thoughts_share_the_fate_of_the_turn(parse: Parse) -> None:
    assert parse(chat(content="4.", thinking="2 + 2", weight=0)) == Parsed(
        (), (Masked(7, "<think>\n2 + 2\n</think>\n\n4."),)
    )


def test_the_text_of_a_turn_without_loss_may_be_empty(parse: Parse) -> None:
    turns = [USER, {"role": "assistant", "content": "", "weight": 0}]
    rows = parse({"messages": turns + chat(content="4.")["messages"]}).rows
    assert [row.answer for row in rows] == ["4."]


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        ({"weight": 0.5}, "found a number as the weight of messages[1]; expected 0 (no loss) or 1"),
        ({"weight": True}, "found true as the weight of messages[1]; expected 0 (no loss) or 1"),
        ({"weight": "0"}, "found '0' as the weight of messages[1]; expected 0 (no loss) or 1"),
        ({"train": 0}, "found a number as 'train' of messages[1]; expected true or false"),
        (
            {"train": True, "weight": 0},
            "found marks that contradict each other in messages[1]; "
            "expected one of 'weight' and 'train', on the turn or on its parts",
        ),
        (
            {"content": [{"type": "text", "text": "4", "train": True}], "weight": 0},
            "found marks that contradict each other in messages[1]['content'][0]; ",
        ),
        ({"train_detail": []}, "found an empty list as 'train_detail' of messages[1]; expected"),
        (
            {"train_detail": [stretch(0, 2)]},
            "found the stretch 0 to 2 in 'train_detail' of messages[1], a text of 2 characters; "
            "expected stretches of the text that do not overlap; correct the offsets",
        ),
        ({"train_detail": [stretch(0, 1), stretch(1, 1)]}, "found the stretch 1 to 1 in"),
        ({"train_detail": [stretch(1, 0)]}, "found an object as a stretch in 'train_detail' of"),
        ({"train_detail": [stretch(-1, 0)]}, "found an object as a stretch in 'train_detail' of"),
        ({"train_detail": [stretch(0.5, 1)]}, "expected begin_offset and end_offset (whole"),
        ({"train_detail": [stretch(0, 10**400)]}, "found an object as a stretch in 'train_detail'"),
        ({"train_detail": [stretch(float("nan"), 1)]}, "expected begin_offset and end_offset"),
        ({"train_detail": [{"begin_offset": 0}]}, "found an object as a stretch in 'train_detail'"),
        (
            {"content": [{"type": "text", "text": "4"}] * 2, "train_detail": [stretch(0, 0)]},
            "found a content in parts in messages[1]; expected one text for a call, or beside",
        ),
        ({"content": "4 .", "train_detail": [stretch(1, 1)]}, "found an empty assistant answer"),
    ],
)
def test_what_is_said_about_bad_marks(turn: dict[str, Any], message: str, problem: Problem) -> None:
    assert message in problem(chat(**{"content": "4."} | turn))


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (
            {"type": "image_url", "image_url": {"url": "x"}},
            "found a part of the type 'image_url' as messages[1]['content'][0]; "
            "expected parts of text only; "
            "remove the rows with images, sound or files: datascan audits text",
        ),
        ({"text": "4"}, "found a part of the type null as messages[1]['content'][0]; "),
        (
            {"type": "text", "text": "4", "cache_control": {}},
            "found the keys 'cache_control' in messages[1]['content'][0]; "
            "expected only type, text and train or weight; remove what your trainer does not read",
        ),
        ({"type": "text", "text": 4}, "found a number as 'text' of messages[1]['content'][0]; "),
        ("4", "found '4' as messages[1]['content'][0]; expected a part like"),
    ],
)
def test_what_is_said_about_a_bad_part(part: object, message: str, problem: Problem) -> None:
    assert message in problem(chat(content=[part]))


def test_stretches_by_the_thousand_cannot_fill_the_memory(problem: Problem) -> None:
    detail = [stretch(2 * index, 2 * index) for index in range(2_000)]
    assert "turns or stretches in one row" in problem(
        chat(content="x" * 4_000, train_detail=detail)
    )
