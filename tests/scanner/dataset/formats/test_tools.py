"""Tools, calls and results as text."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.interface import Parsed
from scanner.types import Message

Parse = Callable[..., Parsed]
Problem = Callable[..., str]

USER = {"role": "user", "content": "Weather in Z\u00fcrich?"}
ARGUMENTS = {"city": "Z\u00fcrich", "days": 2, "exact": 1.5}
CALLED = (
    '<tool_call>\n{"name": "weather", "arguments": '
    '{"city": "Z\u00fcrich", "days": 2, "exact": 1.5}}\n</tool_call>'
)
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {}}}
TOOLS = (
    "# Tools\n\n<tools>\n"
    '{"type": "function", "function": {"name": "weather", "parameters": {}}}\n'
    "</tools>"
)


def call(arguments: Any = ARGUMENTS) -> dict[str, Any]:
    function = {"name": "weather", "arguments": arguments}
    return {"id": "call_1", "type": "function", "function": function}


def chat(**turn: Any) -> dict[str, Any]:
    return {"messages": [USER, {"role": "assistant"} | turn]}


def answer(parsed: Parsed) -> str:
    (row,) = parsed.rows
    return row.answer


@pytest.mark.parametrize(
    "turn",
    [
        {"content": None, "tool_calls": [call()]},
        {"content": "", "tool_calls": [call()]},
        {"tool_calls": [call(json.dumps(ARGUMENTS))]},
        {"tool_calls": [{"name": "weather", "arguments": ARGUMENTS}]},
        {"content": None, "function_call": {"name": "weather", "arguments": ARGUMENTS}},
    ],
    ids=["null", "empty", "JSON text", "bare", "older"],
)
def test_a_call(turn: dict[str, Any], parse: Parse) -> None:
    assert answer(parse(chat(**turn))) == CALLED


def test_calls_follow_the_text(parse: Parse) -> None:
    turn = {"content": "Let me see.", "tool_calls": [call(), call({})]}
    assert answer(parse(chat(**turn))) == (
        f"Let me see.\n{CALLED}\n"
        '<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>'
    )


@pytest.mark.parametrize("listed", [False, True])
def test_a_call_as_a_turn_of_its_own(listed: bool, parse: Parse) -> None:
    written = {"name": "weather", "arguments": ARGUMENTS}
    value = json.dumps([written] if listed else written)
    turns = [{"from": "human", "value": "?"}, {"from": "function_call", "value": value}]
    assert answer(parse({"conversations": turns})) == CALLED


@pytest.mark.parametrize(
    ("field", "tools"), [("tools", [TOOL]), ("tools", json.dumps([TOOL])), ("functions", [TOOL])]
)
def test_tools_stand_in_the_system_turn(field: str, tools: object, parse: Parse) -> None:
    record = chat(content="Sunny.") | {field: tools}
    (row,) = parse(record).rows
    assert row.prompt[0] == Message("system", TOOLS)
    system = {"role": "system", "content": "Be brief."}
    (row,) = parse(record | {"messages": [system, *record["messages"]]}).rows
    assert row.prompt == (
        Message("system", f"Be brief.\n\n{TOOLS}"),
        Message("user", "Weather in Z\u00fcrich?"),
    )


@pytest.mark.parametrize("tools", [None, [], "", "[]"])
def test_no_tools(tools: object, parse: Parse) -> None:
    assert parse(chat(content="Sunny.") | {"tools": tools}) == parse(chat(content="Sunny."))


def test_a_whole_round(parse: Parse) -> None:
    result = {"role": "tool", "tool_call_id": "call_1", "name": "weather", "content": "21"}
    last = {"role": "assistant", "content": "21 degrees."}
    turns = [*chat(content=None, tool_calls=[call()])["messages"], result, last]
    rows = parse({"messages": turns, "parallel_tool_calls": False}).rows
    assert [row.answer for row in rows] == [CALLED, "21 degrees."]
    assert rows[1].prompt[2] == Message("user", "<tool_response>\n21\n</tool_response>")


def test_a_call_that_is_masked(parse: Parse) -> None:
    parsed = parse(chat(content=None, tool_calls=[call()], weight=0))
    assert (parsed.rows, parsed.masked[0].text) == ((), CALLED)


JSON = "expected JSON without a key twice, NaN, or half of a surrogate pair"


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        (
            {"tool_calls": [call("{city: Z}")]},
            "found '{city: Z}' as the arguments of a call in messages[1], which is not valid JSON; "
            f"{JSON}; correct or remove the row",
        ),
        ({"tool_calls": [call('{"a": 1, "a": 2}')]}, JSON),
        ({"tool_calls": [call('{"a": NaN}')]}, JSON),
        ({"tool_calls": [call('{"a": 1e999}')]}, JSON),
        ({"tool_calls": [call('{"a": "\\ud800"}')]}, JSON),
        ({"tool_calls": [call('{"a": ' + "1" * 5_000 + "}")]}, JSON),
        ({"tool_calls": [call('{"a": ' + "[" * 100_000)]}, JSON),
        ({"tool_calls": [call("[1]")]}, "found a list as the arguments of a call in messages[1]"),
        ({"tool_calls": [call(3)]}, "found a number as the arguments of a call in messages[1]"),
        ({"tool_calls": [{"arguments": {}}]}, "found an object as a call in messages[1]; expected"),
        ({"tool_calls": ["weather"]}, "found 'weather' as a call in messages[1]; expected"),
        ({"tool_calls": {"name": "x"}}, "found an object as the calls of messages[1]; expected"),
        (
            {"tool_calls": [call() | {"result": "21"}]},
            "found 'result' in a call of messages[1]; expected only 'name' and 'arguments'; "
            "remove what your trainer does not read",
        ),
        (
            {"tool_calls": [call()], "function_call": {"name": "x", "arguments": "{}"}},
            "found both 'tool_calls' and 'function_call' in messages[1]; expected one of them; "
            "keep the one that your trainer reads",
        ),
        ({"tool_calls": []}, "found null as 'content' of messages[1]; expected a text"),
    ],
)
def test_what_is_said_about_a_bad_call(
    turn: dict[str, Any], message: str, problem: Problem
) -> None:
    assert message in problem(chat(**{"content": None} | turn))


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ("weather", "found 'weather' as 'tools', which is not valid JSON"),
        ('{"name": "x"}', "found an object as 'tools'; expected a list of objects"),
        (["weather"], "found a list as 'tools'; expected a list of objects"),
    ],
)
def test_what_is_said_about_bad_tools(tools: object, message: str, problem: Problem) -> None:
    assert message in problem(chat(content="Sunny.") | {"tools": tools})


def test_tools_twice(problem: Problem) -> None:
    assert problem(chat(content="Sunny.") | {"tools": [TOOL], "functions": [TOOL]}) == (
        "found tools in both 'tools', 'functions'; expected one list of tools; "
        "keep the one that your trainer reads"
    )


def test_only_an_assistant_calls(problem: Problem) -> None:
    turns = [USER | {"tool_calls": [call()]}, {"role": "assistant", "content": "Sunny."}]
    assert "found 'tool_calls' in messages[0], a turn of the role 'user'" in problem(
        {"messages": turns}
    )
