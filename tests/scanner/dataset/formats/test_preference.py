"""Pairs of answers, and answers with a label."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.config import Preference
from scanner.dataset.interface import Parsed, Record
from scanner.types import Masked, Message, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]

USER = {"role": "user", "content": "Sum?"}
GOOD = {"role": "assistant", "content": "4"}
BAD = {"role": "assistant", "content": "5"}
GOOD_ROW = Row(7, (Message("user", "Sum?"),), "4")
BAD_ROW = Row(7, (Message("user", "Sum?"),), "5")
CHOSEN = Parsed((GOOD_ROW,), (Masked(7, "5"),))


def sharegpt(*texts: str) -> list[dict[str, str]]:
    return [
        {"from": "gpt" if index % 2 else "human", "value": text} for index, text in enumerate(texts)
    ]


PAIRS = [
    {"prompt": "Sum?", "chosen": "4", "rejected": "5"},
    {"prompt": [USER], "chosen": [GOOD], "rejected": [BAD]},
    {"prompt": "Sum?", "chosen": [GOOD], "rejected": [BAD]},
    {"chosen": [USER, GOOD], "rejected": [USER, BAD]},
    {"prompt": "Sum?", "chosen": [USER, GOOD], "rejected": [USER, BAD]},
    {"prompt": None, "chosen": [USER, GOOD], "rejected": [USER, BAD]},
    {"instruction": "Sum?", "input": "", "chosen": "4", "rejected": "5"},
    {"instruction": "Sum?", "chosen_response": "4", "rejected_response": "5"},
    {"input": "Sum?", "chosen": "4", "rejected": "5"},
    {"question": "Sum?", "chosen": "4", "rejected": "5"},
    {"messages": [USER], "chosen": GOOD, "rejected": BAD},
    {"messages": [USER, GOOD], "rejected_message": BAD},
    {
        "conversations": sharegpt("Sum?"),
        "chosen": {"from": "gpt", "value": "4"},
        "rejected": {"from": "gpt", "value": "5"},
    },
    {"chosen_conversations": [USER, GOOD], "rejected_conversations": [USER, BAD]},
    {
        "input": {"messages": [USER], "tools": [], "parallel_tool_calls": True},
        "preferred_output": [GOOD],
        "non_preferred_output": [BAD],
    },
    {
        "input": {"messages": [USER]},
        "preferred_completion": [GOOD],
        "non_preferred_completion": [BAD],
    },
]


@pytest.mark.parametrize("record", PAIRS, ids=lambda record: " ".join(record))
def test_every_way_to_write_a_pair(record: Record, parse: Parse) -> None:
    assert parse(record) == CHOSEN
    assert parse(record, preference=Preference.REJECTED) == Parsed((BAD_ROW,), (Masked(7, "4"),))
    assert parse(record, preference=Preference.BOTH) == Parsed((GOOD_ROW, BAD_ROW))


@pytest.mark.parametrize(
    ("chosen", "rejected", "prompt", "answer"),
    [
        ("The sky is blue.", "The sky is green.", "The sky is", " blue."),
        ("Q: 2+2? A: 4", "Q: 2+2? A: 5", "Q: 2+2? A:", " 4"),
        ("ab", "ac", "a", "b"),
        ("x" * 100_000 + "4", "x" * 100_000 + "5", "x" * 100_000, "4"),
    ],
)
def test_the_common_beginning_of_two_texts_is_the_prompt(
    chosen: str, rejected: str, prompt: str, answer: str, parse: Parse
) -> None:
    (row,) = parse({"chosen": chosen, "rejected": rejected}).rows
    assert (row.prompt, row.answer) == ((Message("user", prompt),), answer)


def test_the_common_beginning_of_two_chats_is_the_prompt(parse: Parse) -> None:
    before = [USER, GOOD, {"role": "user", "content": "Sure?"}]
    (row,) = parse({"chosen": [*before, GOOD], "rejected": [*before, BAD]}).rows
    assert row == Row(
        7, (Message("user", "Sum?"), Message("assistant", "4"), Message("user", "Sure?")), "4"
    )


def test_system_text_and_history_of_a_pair(parse: Parse) -> None:
    record = {"instruction": "Sum?", "chosen": "4", "rejected": "5", "history": [["Hi", "Hello"]]}
    (row,) = parse(record | {"system": "Count."}).rows
    assert row.prompt == (
        Message("system", "Count."),
        Message("user", "Hi"),
        Message("assistant", "Hello"),
        Message("user", "Sum?"),
    )


LABELLED: list[tuple[dict[str, Any], str]] = [
    ({"prompt": "Sum?", "completion": "4"}, "label"),
    ({"prompt": [USER], "completion": [GOOD]}, "label"),
    ({"question": "Sum?", "completion": "4"}, "label"),
    ({"instruction": "Sum?", "completion": "4"}, "label"),
    ({"instruction": "Sum?", "input": "", "output": "4"}, "kto_tag"),
    ({"conversations": sharegpt("Sum?", "4")}, "kto_tag"),
]


@pytest.mark.parametrize(("record", "label"), LABELLED)
def test_every_way_to_write_a_labelled_answer(
    record: dict[str, Any], label: str, parse: Parse
) -> None:
    good, bad = record | {label: True}, record | {label: False}
    trained, left = Parsed((GOOD_ROW,)), Parsed((), (Masked(7, "4"),))
    assert (parse(good), parse(bad)) == (trained, left)
    rejected = Preference.REJECTED
    assert (parse(good, preference=rejected), parse(bad, preference=rejected)) == (left, trained)
    both = Preference.BOTH
    assert (parse(good, preference=both), parse(bad, preference=both)) == (trained, trained)


def test_only_the_last_answer_of_a_labelled_chat_is_trained_on(parse: Parse) -> None:
    turns = sharegpt("Hi", "Hello", "Sum?", "4")
    (row,) = parse({"conversations": turns, "kto_tag": True}).rows
    assert (len(row.prompt), row.answer) == (3, "4")


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (
            {"prompt": "Sum?", "chosen": "4", "rejected": "4"},
            "found a better and a worse answer of which one is, or begins with, the other; "
            "expected two answers; correct or remove the row",
        ),
        (
            {"chosen": [USER, GOOD], "rejected": [USER]},
            "found a better and a worse answer of which one is, or begins with, the other; "
            "expected two answers; correct or remove the row",
        ),
        (
            {"chosen": "blue", "rejected": "green"},
            "found two texts without a prompt that do not begin alike and end differently; "
            "expected a prompt to answer; add the field 'prompt'",
        ),
        ({"chosen": "a", "rejected": "ab"}, "found two texts without a prompt"),
        (
            {"chosen": [GOOD], "rejected": [BAD]},
            "found an assistant turn with nothing before it; expected a prompt to answer; ",
        ),
        (
            {"prompt": "What?", "chosen": [USER, GOOD], "rejected": [USER, BAD]},
            "found a text as 'prompt' and another prompt at the beginning of both answers; "
            "expected one prompt; keep the one that your trainer reads",
        ),
        ({"prompt": "Sum?", "chosen": "4", "rejected": " "}, "found an empty assistant answer"),
        ({"prompt": "Sum?", "chosen": "4", "rejected": None}, "found null as 'rejected'; expected"),
        ({"prompt": "Sum?", "chosen": [USER], "rejected": [BAD]}, "found no assistant answer"),
        (
            {"input": "Sum?", "preferred_output": [GOOD], "non_preferred_output": [BAD]},
            "found 'Sum?' as 'input'; expected an object with 'messages' and none but messages, "
            "parallel_tool_calls, tools; correct or remove the row",
        ),
        ({"messages": [GOOD], "rejected_message": BAD}, "an assistant turn with nothing before it"),
        (
            {"prompt": "Sum?", "completion": "4", "label": "true"},
            "found 'true' as 'label'; expected true or false; write a JSON boolean",
        ),
        ({"prompt": "Sum?", "completion": "4", "label": None}, "found null as 'label'; expected"),
        ({"prompt": "Sum?", "completion": "4", "label": 1}, "found a number as 'label'; expected"),
        ({"conversations": sharegpt("Sum?"), "kto_tag": True}, "found no assistant answer (the"),
    ],
)
def test_what_is_said_about_a_bad_row(record: Record, message: str, problem: Problem) -> None:
    assert message in problem(record)


RANKED = {
    "prompt": "q",
    "answers": [{"answer": "best", "rank": 1, "model": "m"}, {"answer": "worst", "rank": 2}],
}


def test_ranked_answers_are_all_audited_or_none(
    parse: Callable[..., Any], problem: Callable[..., str]
) -> None:
    """axolotl trains on the highest rank, which is the worst answer: no guess is safe."""
    assert problem(RANKED) == (
        "found 2 answers with ranks; expected one better and one worse answer; say --preference "
        "both to audit all of them, or write the two that your trainer takes as 'chosen' and "
        "'rejected'"
    )
    parsed = parse(RANKED, preference=Preference.BOTH)
    assert [row.answer for row in parsed.rows] == ["best", "worst"]
    bad = RANKED | {"answers": [{"text": "best", "rank": 1}]}
    assert "found an object as answers[0]" in problem(bad, preference=Preference.BOTH)
