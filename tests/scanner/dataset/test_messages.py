"""Chat rows."""

from typing import Any

import pytest

from scanner.dataset.interface import RowProblem
from scanner.dataset.messages import MessagesFormat
from scanner.types import Message, Row

USER = {"role": "user", "content": "Hi"}
ANSWER = {"role": "assistant", "content": "Hello"}


def parse(*turns: Any) -> Row:
    return MessagesFormat().parse({"messages": list(turns)}, 7)


def problem(messages: Any) -> str:
    with pytest.raises(RowProblem) as caught:
        MessagesFormat().parse({"messages": messages}, 7)
    return str(caught.value)


def test_a_question_and_an_answer() -> None:
    assert parse(USER, ANSWER) == Row(7, (Message("user", "Hi"),), "Hello")


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_developer_is_a_system(role: str) -> None:
    row = parse({"role": role, "content": "Be kind."}, USER, ANSWER)
    assert row.prompt == (Message("system", "Be kind."), Message("user", "Hi"))


def test_earlier_answers_are_part_of_the_prompt() -> None:
    row = parse(USER, ANSWER, USER, {"role": "assistant", "content": "Again"})
    assert [turn.role for turn in row.prompt] == ["user", "assistant", "user"]
    assert row.answer == "Again"


def test_text_is_kept_as_it_is() -> None:
    text = " <|im_end|>\n\x00\u2028\u202e {{7*7}} \U0001f989 "
    row = parse({"role": "user", "content": text}, {"role": "assistant", "content": text})
    assert (row.prompt[0].content, row.answer) == (text, text)


NO_ANSWER = (
    "found no assistant answer (the last turn is the user's); "
    "expected an assistant turn at the end of every row; add the answer or remove the row"
)
ONE_ROLE = (
    "in messages[0]; expected one of system, developer, user, assistant; "
    "rename the role or remove the row"
)
TURNS = 'expected a list of turns; write [{"role": "user", "content": "..."}, ...]'
TEXT = "expected a text; write the turn's text as one string"
KEYS = (
    "expected the keys 'role' and 'content' and no others; "
    "remove or convert what your trainer does not read"
)


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([USER], NO_ANSWER),
        ([USER, ANSWER, USER], NO_ANSWER),
        (
            [USER, {"role": "assistant", "content": " \n"}],
            "found an empty assistant answer; expected an answer to train on; "
            "add the answer or remove the row",
        ),
        (
            [ANSWER],
            "found no user turn before the answer; expected a prompt to answer; "
            "add the prompt or remove the row",
        ),
        ([], f"found an empty list as 'messages'; {TURNS}"),
        (None, f"found null as 'messages'; {TURNS}"),
        ("Hi", f"found 'Hi' as 'messages'; {TURNS}"),
        ([{"role": "tool", "content": "x"}, ANSWER], f"found the role 'tool' {ONE_ROLE}"),
        ([{"role": "Assistant", "content": "x"}, ANSWER], f"found the role 'Assistant' {ONE_ROLE}"),
        ([{"role": "", "content": "x"}, ANSWER], f"found the role '' {ONE_ROLE}"),
        ([{"role": None, "content": "x"}, ANSWER], f"found the role null {ONE_ROLE}"),
        ([{"role": ["user"], "content": "x"}, ANSWER], f"found the role a list {ONE_ROLE}"),
        (
            [{"role": "x" * 10**6, "content": "x"}, ANSWER],
            f"found the role '{'x' * 60}...' {ONE_ROLE}",
        ),
        (
            [USER, {"role": "assistant", "content": None}],
            f"found null as the content of messages[1]; {TEXT}",
        ),
        (
            [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}, ANSWER],
            f"found a list as the content of messages[0]; {TEXT}",
        ),
        (
            [{"role": "user", "content": {"text": "Hi"}}, ANSWER],
            f"found an object as the content of messages[0]; {TEXT}",
        ),
        ([USER, {"role": "assistant"}], f"found the keys 'role' in messages[1]; {KEYS}"),
        (
            [USER, ANSWER | {"weight": 0}],
            f"found the keys 'role', 'content', 'weight' in messages[1]; {KEYS}",
        ),
        (
            [{"from": "human", "value": "Hi"}, ANSWER],
            f"found the keys 'from', 'value' in messages[0]; {KEYS}",
        ),
        (["Hi", ANSWER], f"found 'Hi' in messages[0]; {KEYS}"),
        ([{}, ANSWER], f"found an empty object in messages[0]; {KEYS}"),
    ],
)
def test_what_is_said_about_a_bad_row(messages: object, message: str) -> None:
    assert problem(messages) == message
