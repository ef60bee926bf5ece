"""Tools, calls and their results as text, as the chat template of Qwen2.5 writes them.

A base's own template may write them otherwise, or not know them; one way for all bases keeps the
rows and their digest the same whatever the base. Qwen2.5 writes some sentences of instruction
round the list of tools, too; they say nothing about the data and are left out.
"""

import json
from collections.abc import Mapping
from typing import NoReturn

from scanner.dataset.formats.values import refuse_value
from scanner.dataset.interface import RowProblem
from scanner.dataset.shown import describe, show_keys

CALL_KEYS = ("function", "name", "arguments")
CALL_LABELS = ("id", "type", "index")
"""Keys of a call that no template writes."""


def tool_response(text: str) -> str:
    """What a tool said, as a user's turn."""
    return f"<tool_response>\n{text}\n</tool_response>"


def tools_text(tools: object, field: str) -> str:
    """The tools that a chat may use, one JSON object per line, for the end of its system turn.

    ``tools`` is a list of objects, or that list as JSON text. Raises RowProblem.
    """
    if isinstance(tools, str):
        tools = _parse(tools, f"'{field}'")
    if not isinstance(tools, list) or not all(isinstance(tool, dict) for tool in tools):
        cure = "write the list of tools, or its JSON"
        refuse_value(tools, f"'{field}'", expected="a list of objects", cure=cure)
    lines = "\n".join(_write(tool, f"'{field}'") for tool in tools)
    return f"# Tools\n\n<tools>\n{lines}\n</tools>" if tools else ""


def calls_text(held: Mapping[str, object], place: str) -> str:
    """The calls of an assistant's turn: ``tool_calls``, or the older ``function_call``."""
    calls, call = held.get("tool_calls"), held.get("function_call")
    if calls and call:
        raise RowProblem(
            found=f"both 'tool_calls' and 'function_call' in {place}",
            expected="one of them",
            cure="keep the one that your trainer reads",
        )
    if call:
        calls = [call]
    if not calls:
        return ""
    if not isinstance(calls, list):
        expected = "a list of calls"
        refuse_value(calls, f"the calls of {place}", expected=expected, cure="write a JSON list")
    return "\n".join(_call_text(call, place) for call in calls)


def written_calls(text: str, place: str) -> str:
    """The calls of a turn whose text is one call, or a list of them, as JSON."""
    calls = _parse(text, f"the call in {place}")
    listed = calls if isinstance(calls, list) and calls else [calls]
    return "\n".join(_call_text(call, place) for call in listed)


def _call_text(call: object, place: str) -> str:
    held = call if isinstance(call, dict) else {}
    function = held.get("function", held)
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        expected = 'an object with "name" and "arguments"'
        refuse_value(call, f"a call in {place}", expected=expected, cure="correct the call")
    if beside := (held.keys() | function.keys()) - {*CALL_KEYS, *CALL_LABELS}:
        raise RowProblem(
            found=f"{show_keys(sorted(beside))} in a call of {place}",
            expected="only 'name' and 'arguments'",
            cure="remove what your trainer does not read",
        )
    arguments = function.get("arguments")
    written = "{}" if arguments is None else _arguments(arguments, place)
    name = _write(function["name"], f"the name of a call in {place}")
    return f'<tool_call>\n{{"name": {name}, "arguments": {written}}}\n</tool_call>'


def _arguments(arguments: object, place: str) -> str:
    where = f"the arguments of a call in {place}"
    value = _parse(arguments, where) if isinstance(arguments, str) else arguments
    if not isinstance(value, dict):
        cure = "write the arguments by name"
        refuse_value(value, where, expected="an object, or its JSON", cure=cure)
    return _write(value, where)


def _write(value: object, where: str) -> str:
    """A value as JSON, as ``tojson`` of a chat template writes it: spaced, in the file's order."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
    except (ValueError, TypeError, RecursionError):
        _refuse_json(value, where)
    return text


def _parse(text: str, where: str) -> object:
    """The value of a JSON text within the file, as strict as the file's own reader."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        _refuse_json(text, where)


def _refuse_json(value: object, where: str) -> NoReturn:
    raise RowProblem(
        found=f"{describe(value)} as {where}, which is not valid JSON",
        expected="JSON without a key twice, NaN, or half of a surrogate pair",
        cure="correct or remove the row",
    ) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a key twice")
    return record


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
