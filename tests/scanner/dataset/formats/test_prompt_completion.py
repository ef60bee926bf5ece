"""Rows of a prompt and its completion."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.interface import Parsed
from scanner.types import Masked, Message, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}
HI = Message("user", "Hi")
HELLO = Message("assistant", "Hello")


def test_the_prompt_becomes_a_user_turn(parse: Parse) -> None:
    assert parse({"prompt": "Hi ", "completion": " Hello"}) == Parsed(
        (Row(7, (Message("user", "Hi "),), " Hello"),)
    )


@pytest.mark.parametrize("beside", [{"id": 3}, {"tools": None}, {"tools": []}])
def test_what_stands_beside_changes_nothing(beside: dict[str, Any], parse: Parse) -> None:
    record = {"prompt": "Hi", "completion": "Hello"}
    assert parse(record | beside) == parse(record)


def test_turns_on_both_sides(parse: Parse) -> None:
    assert parse({"prompt": [USER], "completion": [ANSWER]}) == Parsed((Row(7, (HI,), "Hello"),))


def test_assistant_turns_of_the_prompt_are_not_trained_on(parse: Parse) -> None:
    record = {"prompt": [USER, ANSWER, USER], "completion": [ANSWER, USER, ANSWER]}
    assert parse(record) == Parsed(
        (
            Row(7, (HI, HELLO, HI), "Hello"),
            Row(7, (HI, HELLO, HI, HELLO, HI), "Hello"),
        )
    )


def test_a_masked_completion(parse: Parse) -> None:
    record = {"prompt": [USER], "completion": [ANSWER | {"train": False}]}
    assert parse(record) == Parsed((), (Masked(7, "Hello"),))


def test_tools_beside_a_prompt(parse: Parse) -> None:
    record = {"prompt": "Hi", "completion": "Hello", "tools": [{"name": "x"}]}
    (row,) = parse(record).rows
    assert row.prompt == (
        Message("system", '# Tools\n\n<tools>\n{"name": "x"}\n</tools>'),
        Message("user", "Hi"),
    )


@pytest.mark.parametrize(
    ("prompt", "completion", "message"),
    [
        (
            None,
            "Hello",
            "found null as 'prompt'; expected a text; write one string",
        ),
        (
            "Hi",
            None,
            "found null as 'completion'; expected a text or a list of turns; write one string",
        ),
        (
            "Hi",
            "\t",
            "found an empty assistant answer; expected an answer to train on; "
            "add the answer or remove the row",
        ),
        (
            [USER],
            [USER],
            "found no assistant answer (the last turn is the user's); "
            "expected a turn of the assistant's to train on; add the answer or remove the row",
        ),
        (
            [USER],
            ["Hello"],
            "found 'Hello' as completion[0]; "
            "expected an object with the keys 'role' and 'content'; correct or remove the row",
        ),
    ],
)
def test_what_is_said_about_a_bad_row(
    prompt: object, completion: object, message: str, problem: Problem
) -> None:
    assert problem({"prompt": prompt, "completion": completion}) == message
