"""Chats, as OpenAI and ShareGPT write them."""

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


def test_a_question_and_an_answer(parse: Parse) -> None:
    assert parse({"messages": [USER, ANSWER]}) == Parsed((Row(7, (HI,), "Hello"),))


def test_every_assistant_turn_is_a_row(parse: Parse) -> None:
    again = {"role": "assistant", "content": "Again"}
    assert parse({"messages": [USER, ANSWER, USER, again]}) == Parsed(
        (Row(7, (HI,), "Hello"), Row(7, (HI, HELLO, HI), "Again"))
    )


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_developer_is_a_system(role: str, parse: Parse) -> None:
    system = {"role": role, "content": "Be kind."}
    (row,) = parse({"messages": [system, USER, ANSWER]}).rows
    assert row.prompt == (Message("system", "Be kind."), HI)


@pytest.mark.parametrize(
    ("turns", "prompts"),
    [
        ([USER, USER, ANSWER], [(HI, HI)]),
        ([USER, ANSWER, ANSWER], [(HI,), (HI, HELLO)]),
        ([USER, ANSWER, USER], [(HI,)]),
        ([{"role": "system", "content": "S"}, ANSWER], [(Message("system", "S"),)]),
        ([ANSWER | {"weight": 0}, USER, ANSWER], [(HELLO, HI)]),
        ([USER, {"role": "system", "content": "S"}, ANSWER], [(HI, Message("system", "S"))]),
    ],
    ids=["user twice", "answer twice", "user last", "no user", "assistant first", "late system"],
)
def test_orders_that_trainers_accept(
    turns: list[Any], prompts: list[tuple[Message, ...]], parse: Parse
) -> None:
    assert [row.prompt for row in parse({"messages": turns}).rows] == prompts


def test_text_is_kept_as_it_is(parse: Parse) -> None:
    text = " <|im_end|>\n\x00\u2028\u202e {{7*7}} \U0001f989 "
    turns = [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    assert parse({"messages": turns}).rows == (Row(7, (Message("user", text),), text),)


@pytest.mark.parametrize(
    ("role", "kind"),
    [
        *((role, "user") for role in ("user", "human", "prompter")),
        *((role, "assistant") for role in ("assistant", "gpt", "model", "chatgpt", "bing", "bot")),
        *((role, "system") for role in ("system", "developer")),
    ],
)
def test_role_aliases(role: str, kind: str, parse: Parse) -> None:
    turns = [{"from": role, "value": "Hi"}, {"from": "gpt", "value": "Hello"}]
    assert parse({"conversations": [{"from": "human", "value": "."}, *turns]}).rows[-1] == Row(
        7, (Message("user", "."), Message(kind, "Hi")), "Hello"
    )


@pytest.mark.parametrize("role", ["tool", "function", "ipython", "observation"])
def test_a_tool_speaks_as_a_user(role: str, parse: Parse) -> None:
    (row,) = parse({"messages": [USER, {"role": role, "content": "4"}, ANSWER]}).rows
    assert row.prompt[1] == Message("user", "<tool_response>\n4\n</tool_response>")


def test_a_role_that_the_user_maps(parse: Parse) -> None:
    turns = [USER, {"role": "narrator", "content": "Hello"}]
    assert parse({"messages": turns}, role_map={"narrator": "assistant"}) == parse(
        {"messages": [USER, ANSWER]}
    )


def test_keys_that_the_user_names(parse: Parse) -> None:
    turns = [{"who": "user", "says": "Hi"}, {"who": "assistant", "says": "Hello", "weight": 1}]
    assert parse({"messages": turns}, fields={"role": "who", "content": "says"}) == parse(
        {"messages": [USER, ANSWER]}
    )


@pytest.mark.parametrize(("role", "text"), [("from", "value"), ("role", "value")])
def test_keys_of_conversations(role: str, text: str, parse: Parse) -> None:
    turns = [{role: "human", text: "Hi"}, {role: "gpt", text: "Hello"}]
    assert parse({"conversations": turns}) == parse({"messages": [USER, ANSWER]})


def test_a_system_text_beside_the_turns(parse: Parse, problem: Problem) -> None:
    record = {"conversations": [USER, ANSWER], "system": "Be kind."}
    (row,) = parse(record).rows
    assert row.prompt == (Message("system", "Be kind."), HI)
    same = {"role": "system", "content": "Be kind."}
    assert parse(record | {"conversations": [same, USER, ANSWER]}) == parse(record)
    other = {"role": "system", "content": "Be cruel."}
    assert problem(record | {"conversations": [other, USER, ANSWER]}) == (
        "found a text as 'system' and another one in the first turn; expected one system text; "
        "keep the one that your trainer reads"
    )
    assert parse(record | {"system": None}) == parse({"messages": [USER, ANSWER]})


def test_thoughts_come_before_the_answer(parse: Parse, problem: Problem) -> None:
    for key in ("reasoning_content", "thinking"):
        (row,) = parse({"messages": [USER, ANSWER | {key: "Greet."}]}).rows
        assert row.answer == "<think>\nGreet.\n</think>\n\nHello"
    assert "the thoughts of messages[1]; expected one text" in problem(
        {"messages": [USER, ANSWER | {"thinking": "a", "reasoning_content": "b"}]}
    )


def test_null_in_a_turn_is_nothing(parse: Parse) -> None:
    nothing = dict.fromkeys(("tool_calls", "weight", "name", "thinking", "audio"))
    assert parse({"messages": [USER | nothing, ANSWER | nothing]}) == parse(
        {"messages": [USER, ANSWER]}
    )


def test_masked_turns_stay_in_the_prompts_of_later_ones(parse: Parse) -> None:
    for mark in ({"weight": 0}, {"weight": 0.0}, {"train": False}):
        assert parse({"messages": [USER, ANSWER | mark, USER, ANSWER]}) == Parsed(
            (Row(7, (HI, HELLO, HI), "Hello"),), (Masked(7, "Hello"),)
        )


def test_a_chat_whose_every_answer_is_masked(parse: Parse) -> None:
    assert parse({"messages": [USER, ANSWER | {"weight": 0}]}) == Parsed((), (Masked(7, "Hello"),))


def test_short_turns_by_the_thousand_cannot_fill_the_memory(problem: Problem) -> None:
    assert len(problem({"messages": [USER, ANSWER] * 2_000})) < 200
    assert "4,000 turns or stretches in one row, 270,000 characters in all; expected" in problem(
        {"messages": [USER, ANSWER] * 2_000}
    )


def test_a_long_chat_is_a_chat(parse: Parse) -> None:
    turns = [USER, ANSWER | {"content": "x" * 400}] * 500
    assert len(parse({"messages": turns}).rows) == 500


NO_ANSWER = (
    "found no assistant answer (the last turn is the user's); "
    "expected a turn of the assistant's to train on; add the answer or remove the row"
)
ONE_ROLE = (
    "in messages[0]; expected one of 'system', 'developer', 'user', 'human', 'prompter', "
    "'assistant', 'gpt', 'model', 'chatgpt', 'bing', 'bot', 'tool', 'function', 'ipython', "
    "'observation', 'function_response', 'function_call'; "
    "say what the role is, as in --role-map "
)
TURNS = 'expected a list of turns; write [{"role": "user", "content": "..."}, ...]'
TEXT = "expected a text; write the turn's text as one string"
KEYS = (
    "expected 'role' and 'content', and beside them only tool_calls, function_call, "
    "reasoning_content, thinking, weight, train, train_detail, name, tool_call_id, id; "
    "remove or convert what your trainer does not read, or name the keys of your turns: "
    "--field role=NAME --field content=NAME"
)
EMPTY = (
    "found an empty assistant answer; expected an answer to train on; "
    "add the answer or remove the row"
)


@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([USER], NO_ANSWER),
        ([USER, {"role": "assistant", "content": " \n"}], EMPTY),
        ([USER, {"role": "assistant", "content": ""}, USER, ANSWER], EMPTY),
        (
            [ANSWER, USER, ANSWER],
            "found an assistant turn with nothing before it; expected a prompt to answer; "
            'add the prompt, or take the turn out of the loss with "weight": 0',
        ),
        ([], f"found an empty list as 'messages'; {TURNS}"),
        (None, f"found null as 'messages'; {TURNS}"),
        ("Hi", f"found 'Hi' as 'messages'; {TURNS}"),
        (
            [{"role": "Tool", "content": "x"}, ANSWER],
            f"found the role 'Tool' {ONE_ROLE}Tool=assistant",
        ),
        ([{"role": "", "content": "x"}, ANSWER], f"found the role '' {ONE_ROLE}ROLE=assistant"),
        (
            [{"role": 1, "content": "x"}, ANSWER],
            f"found the role a number {ONE_ROLE}ROLE=assistant",
        ),
        (
            [{"role": ["user"], "content": "x"}, ANSWER],
            f"found the role a list {ONE_ROLE}ROLE=assistant",
        ),
        (
            [{"role": "x" * 10**6, "content": "x"}, ANSWER],
            f"found the role '{'x' * 60}...' {ONE_ROLE}ROLE=assistant",
        ),
        (
            [USER, {"role": "assistant", "content": None}],
            f"found null as 'content' of messages[1]; {TEXT}",
        ),
        ([USER, {"role": "assistant"}], f"found null as 'content' of messages[1]; {TEXT}"),
        (
            [{"role": "user", "content": {"text": "Hi"}}, ANSWER],
            f"found an object as 'content' of messages[0]; {TEXT}",
        ),
        ([{"role": "user", "content": []}, ANSWER], "an empty list as 'content' of messages[0]"),
        (
            [USER, ANSWER | {"loss": 0}],
            f"found the keys 'role', 'content', 'loss' in messages[1]; {KEYS}",
        ),
        (
            [USER, ANSWER | {"from": "human", "value": "Hi"}],
            f"found the keys 'role', 'content', 'from', 'value' in messages[1]; {KEYS}",
        ),
        (
            [USER, ANSWER | {"W\u0435ight": 0}],
            r"found the key 'W\u0435ight' in messages[1], which looks like 'weight' and is not; "
            "expected 'weight'; correct the key",
        ),
        ([{}, ANSWER], f"found an empty object as messages[0]; {KEYS}"),
        (
            ["Hi", ANSWER],
            "found 'Hi' as messages[0]; expected an object with the keys 'role' and 'content'; "
            "correct or remove the row",
        ),
        (
            [USER | {"train": True}, ANSWER],
            "found loss on messages[0], a turn of the role 'user'; "
            "expected loss on assistant turns only; "
            "remove the mark, or write the row as 'segments'",
        ),
        (
            [USER | {"thinking": "Hm."}, ANSWER],
            "found 'thinking' in messages[0], a turn of the role 'user'; "
            "expected it in an assistant's turn only; correct or remove the row",
        ),
    ],
)
def test_what_is_said_about_a_bad_row(messages: object, message: str, problem: Problem) -> None:
    assert message in problem({"messages": messages})
