"""One chat, written in every format that can hold it, comes back as the same rows."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.config import ReadOptions
from scanner.dataset.formats import detect_format, formats_for
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
