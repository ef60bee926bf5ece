"""One chat, written in every format that can hold it, comes back as the same rows."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.config import Preference, ReadOptions
from scanner.dataset.formats import detect_format, formats_for
from scanner.dataset.interface import RowProblem
from scanner.types import Message, Row

FORMATS = formats_for(ReadOptions())

TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
ANSWER = TEXT.filter(lambda text: text.strip() != "")
ROUNDS = st.lists(st.tuples(TEXT, ANSWER), min_size=1, max_size=4)
Rounds = list[tuple[str, str]]


def turns(rounds: Rounds, role: str, text: str, names: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {role: name, text: said} for both in rounds for name, said in zip(names, both, strict=True)
    ]


def openai(rounds: Rounds) -> list[dict[str, Any]]:
    return turns(rounds, "role", "content", ("user", "assistant"))


def in_parts(rounds: Rounds) -> list[dict[str, Any]]:
    return [
        turn | {"content": [{"type": "text", "text": turn["content"]}], "name": None}
        for turn in openai(rounds)
    ]


def alpaca(rounds: Rounds) -> dict[str, Any]:
    *history, (question, answer) = rounds
    pairs = [list(pair) for pair in history]
    return {"instruction": question, "output": answer, "history": pairs}


WHOLE_CHATS: list[Callable[[Rounds], dict[str, Any]]] = [
    lambda rounds: {"messages": openai(rounds)},
    lambda rounds: {"messages": in_parts(rounds)},
    lambda rounds: {
        "conversations": turns(rounds, "from", "value", ("human", "gpt")),
    },
    alpaca,
]
LAST_ANSWERS: list[Callable[[Rounds], dict[str, Any]]] = [
    lambda rounds: {"prompt": openai(rounds)[:-1], "completion": openai(rounds)[-1:]},
    lambda rounds: {
        "prompt": openai(rounds)[:-1],
        "completion": openai(rounds)[-1:],
        "label": True,
    },
    lambda rounds: {
        "input": {"messages": openai(rounds)[:-1]},
        "preferred_output": openai(rounds)[-1:],
        "non_preferred_output": [{"role": "assistant", "content": rounds[-1][1] + "."}],
    },
    lambda rounds: {
        "prompt": openai(rounds)[:-1],
        "completions": [rounds[-1][1]],
        "labels": [True],
    },
]


def rows_of(rounds: Rounds) -> tuple[Row, ...]:
    rows, before = [], []
    for question, answer in rounds:
        before.append(Message("user", question))
        rows.append(Row(1, tuple(before), answer))
        before.append(Message("assistant", answer))
    return tuple(rows)


@pytest.mark.parametrize("write", WHOLE_CHATS)
@given(ROUNDS)
def test_whole_chats(write: Callable[[Rounds], dict[str, Any]], rounds: Rounds) -> None:
    record = write(rounds)
    assert detect_format(record, FORMATS).parse(record, 1).rows == rows_of(rounds)


@pytest.mark.parametrize("write", LAST_ANSWERS)
@given(ROUNDS)
def test_last_answers(write: Callable[[Rounds], dict[str, Any]], rounds: Rounds) -> None:
    record = write(rounds)
    assert detect_format(record, FORMATS).parse(record, 1).rows == rows_of(rounds)[-1:]


@given(TEXT.filter(lambda text: len(text.strip()) > 1))
def test_plain_text_comes_back_whole(text: str) -> None:
    record = {"text": text}
    (row,) = detect_format(record, FORMATS).parse(record, 1).rows
    assert row.prefix + row.answer == text
    assert row.prefix.strip()
    assert row.answer.strip()


@given(st.lists(st.tuples(st.booleans(), st.text("ab ", min_size=1, max_size=6)), min_size=1))
def test_stretches_with_and_without_loss_make_up_the_turn(pieces: list[tuple[bool, str]]) -> None:
    """Whichever parts are marked: every character is trained on once, or masked once."""
    if not "".join(text for trained, text in pieces if trained).strip():
        return
    parts = [{"type": "text", "text": text, "train": trained} for trained, text in pieces]
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": parts}]
    parsed = detect_format({"messages": turns}, FORMATS).parse({"messages": turns}, 1)
    text = "".join(text for _, text in pieces)
    for row in parsed.rows:
        assert text.startswith(row.prefix + row.answer)
        assert row.ended == (row.prefix + row.answer == text)
    trained = sum(len(row.answer) for row in parsed.rows)
    assert trained + sum(len(masked.text) for masked in parsed.masked) == len(text)


PAIRS = st.tuples(TEXT, ANSWER, ANSWER).filter(lambda pair: pair[1] != pair[2])
Pair = tuple[str, str, str]


def turn(role: str, text: str) -> dict[str, str]:
    return {"role": role, "content": text}


def sharegpt_pair(pair: Pair) -> dict[str, Any]:
    question, better, worse = pair
    return {
        "conversations": [{"from": "human", "value": question}],
        "chosen": {"from": "gpt", "value": better},
        "rejected": {"from": "gpt", "value": worse},
    }


PAIRS_WRITTEN: list[Callable[[Pair], dict[str, Any]]] = [
    lambda pair: dict(zip(("prompt", "chosen", "rejected"), pair, strict=True)),
    lambda pair: {
        key: [turn("user", pair[0]), turn("assistant", text)]
        for key, text in zip(("chosen", "rejected"), pair[1:], strict=True)
    },
    lambda pair: dict(
        zip(("instruction", "chosen_response", "rejected_response"), pair, strict=True)
    ),
    lambda pair: {
        "messages": [turn("user", pair[0]), turn("assistant", pair[1])],
        "rejected_message": turn("assistant", pair[2]),
    },
    sharegpt_pair,
]


@pytest.mark.parametrize("write", PAIRS_WRITTEN)
@pytest.mark.parametrize("preference", list(Preference))
@given(PAIRS)
def test_pairs(write: Callable[[Pair], dict[str, Any]], preference: Preference, pair: Pair) -> None:
    """Both answers come back: trained on where they are wanted, without loss where they are not."""
    record, formats = write(pair), formats_for(ReadOptions(preference=preference))
    parsed = detect_format(record, formats).parse(record, 1)
    question, better, worse = pair
    wanted = {"chosen": (better,), "rejected": (worse,), "both": (better, worse)}[preference]
    assert parsed.rows == tuple(Row(1, (Message("user", question),), text) for text in wanted)
    assert {one.text for one in parsed.masked} == {better, worse} - set(wanted)


@pytest.mark.parametrize("good", [True, False])
@given(TEXT, ANSWER)
def test_one_answer_and_its_label(good: bool, question: str, answer: str) -> None:
    asked = [{"from": "human", "value": question}, {"from": "gpt", "value": answer}]
    records: list[dict[str, Any]] = [
        {"prompt": question, "completion": answer, "label": good},
        {"instruction": question, "output": answer, "kto_tag": good},
        {"conversations": asked, "kto_tag": good},
    ]
    for record in records:
        parsed = detect_format(record, FORMATS).parse(record, 1)
        assert [row.answer for row in parsed.rows] == ([answer] if good else [])
        assert [one.text for one in parsed.masked] == ([] if good else [answer])


@given(TEXT, st.lists(st.tuples(ANSWER, st.booleans()), min_size=1, max_size=5))
def test_steps_are_trained_on_up_to_the_first_wrong_one(
    question: str, steps: list[tuple[str, bool]]
) -> None:
    steps[0] = (steps[0][0], True)
    texts, labels = (list(column) for column in zip(*steps, strict=True))
    record = {"prompt": question, "completions": texts, "labels": labels}
    right = labels.index(False) if False in labels else len(labels)
    parsed = detect_format(record, FORMATS).parse(record, 1)
    whole = right == len(labels)
    assert parsed.rows == (
        Row(1, (Message("user", question),), "\n".join(texts[:right]), ended=whole),
    )
    assert [one.text for one in parsed.masked] == ([] if whole else ["\n".join(texts[right:])])


@given(st.lists(st.tuples(st.booleans(), ANSWER), min_size=1, max_size=5))
def test_segments_make_up_the_text(segments: list[tuple[bool, str]]) -> None:
    """Every character is trained on once or not at all; an opening stays without loss."""
    text = "".join(piece for _, piece in segments)
    record = {"segments": [{"label": label, "text": piece} for label, piece in segments]}
    try:
        parsed = detect_format(record, FORMATS).parse(record, 1)
    except RowProblem as problem:  # one character alone has no opening
        assert "one character" in problem.found
        return
    for row in parsed.rows:
        assert text.startswith(row.prefix + row.answer)
        assert not row.ended
    opened = len(parsed.rows[0].prefix) if parsed.rows and segments[0][0] else 0
    covered = sum(len(one) for one in [row.answer for row in parsed.rows])
    assert opened + covered + sum(len(one.text) for one in parsed.masked) == len(text)


@pytest.mark.parametrize("fields", [("question", "answer"), ("INSTRUCTION", "RESPONSE"),
    ("instruction", "response"), ("prompt", "generation"), ("article", "summary"),
    ("message_1", "message_2"), ("instruction", "revision")])  # fmt: skip
@given(TEXT, ANSWER)
def test_an_instruction_and_its_answer(fields: tuple[str, str], question: str, answer: str) -> None:
    record = dict(zip(fields, (question, answer), strict=True))
    parsed = detect_format(record, FORMATS).parse(record, 1)
    assert parsed.rows == (Row(1, (Message("user", question),), answer),)
