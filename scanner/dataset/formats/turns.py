"""The turns of a chat, from any of the ways in which they are written.

A turn is an object with a role and a text, or a list of parts; an assistant's may think, call
tools and say which of its text is trained on. The roles that a base's chat template need not know
become text: ``tools.py`` says how.
"""

from collections.abc import Mapping
from typing import NamedTuple, NoReturn

from scanner.dataset.formats.lookalikes import lookalike
from scanner.dataset.formats.marks import Span, detailed, is_trained, joined
from scanner.dataset.formats.parts import spans_of_parts
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.tools import calls_text, tool_response, written_calls
from scanner.dataset.formats.values import refuse_value
from scanner.dataset.interface import RowProblem
from scanner.dataset.shown import describe, in_flag, show_keys, show_text
from scanner.types import Message

CALLS = ("tool_calls", "function_call")
THOUGHTS = ("reasoning_content", "thinking")
MARKS = ("weight", "train", "train_detail")
NEVER_READ = ("name", "tool_call_id", "id")
"""Keys of a turn that no common chat template writes."""


class Turn(NamedTuple):
    """A turn as it is trained on."""

    message: Message
    spans: tuple[Span, ...] = ()
    """An assistant's text in pieces, where not all of it is trained on; empty where all is."""


def read_turns(value: object, field: str, reading: Reading) -> list[Turn]:
    """The turns of a list. Raises RowProblem, naming the turn as ``messages[3]``."""
    if not isinstance(value, list) or not value:
        cure = 'write [{"role": "user", "content": "..."}, ...]'
        refuse_value(value, f"'{field}'", expected="a list of turns", cure=cure)
    return [
        _plain_turn(turn, reading) or read_turn(turn, f"{field}[{index}]", reading)
        for index, turn in enumerate(value)
    ]


def plain_messages(
    value: object, keys: tuple[str, str], reading: Reading
) -> tuple[Message, ...] | None:
    """Turns of a role and a text alone under these keys; None where one is anything else."""
    if not isinstance(value, list) or not value:
        return None
    role_key, text_key = keys
    kinds, new = reading.plain_roles, tuple.__new__  # what Message() calls, in half its time
    messages = []
    try:
        for turn in value:
            text = turn[text_key]
            if type(text) is not str or len(turn) != 2:
                return None
            messages.append(new(Message, (kinds[turn[role_key]], text)))
    except (KeyError, TypeError):  # no object, or not one of these two keys
        return None
    return tuple(messages)


def _plain_turn(turn: object, reading: Reading) -> Turn | None:
    """A turn of a role and a text alone, as nearly all are; None for any other."""
    if not isinstance(turn, dict) or len(turn) != 2:
        return None
    for role_key, text_key in reading.turn_keys:
        role, text = turn.get(role_key), turn.get(text_key)
        if isinstance(role, str) and isinstance(text, str) and role in reading.plain_roles:
            return Turn(Message(reading.plain_roles[role], text))
    return None


def read_turn(turn: object, place: str, reading: Reading) -> Turn:
    """A turn of any kind. Raises RowProblem, naming the turn by ``place``."""
    if not isinstance(turn, dict):
        expected = "an object with the keys 'role' and 'content'"
        refuse_value(turn, place, expected=expected, cure="correct or remove the row")
    # A table gives every turn all keys that any turn has: null is what stands for nothing there.
    held = {key: value for key, value in turn.items() if value is not None}
    role_key, text_key = _keys(held, place, reading)
    kind = _kind(turn.get(role_key), place, reading)
    if kind in ("assistant", "function_call"):
        return _assistant_turn(held, text_key, place, is_call=kind == "function_call")
    _refuse_assistant_keys(held, place, turn[role_key])
    text = "".join(span.text for span in _content(held, text_key, place, trained=False))
    if kind == "tool":
        return Turn(Message("user", tool_response(text)))
    return Turn(Message(kind, text))


def _keys(held: Mapping[str, object], place: str, reading: Reading) -> tuple[str, str]:
    """What the turn calls its role and its text, once all of its keys are known ones."""
    beside = {*CALLS, *THOUGHTS, *MARKS, *NEVER_READ}
    for role_key, text_key in reading.turn_keys:
        known = {role_key, text_key} | beside
        if role_key in held and held.keys() <= known:
            return role_key, text_key
    _refuse_keys(held, place, reading)


def _refuse_keys(held: Mapping[str, object], place: str, reading: Reading) -> NoReturn:
    role_key, text_key = reading.turn_keys[0]
    known = (role_key, text_key, *CALLS, *THOUGHTS, *MARKS, *NEVER_READ)
    if twin := lookalike(held, known):
        like = show_text(twin.like)
        raise RowProblem(
            found=f"the key {show_text(twin.name)} in {place}, which looks like {like} and is not",
            expected=like,
            cure="correct the key",
        )
    raise RowProblem(
        found=f"the keys {show_keys(held)} in {place}" if held else f"an empty object as {place}",
        expected=f"{show_text(role_key)} and {show_text(text_key)}, and beside them only "
        f"{', '.join(known[2:])}",
        cure="remove or convert what your trainer does not read, or name the keys of your turns: "
        "--field role=NAME --field content=NAME",
    )


def _kind(role: object, place: str, reading: Reading) -> str:
    if isinstance(role, str) and role in reading.roles:
        return reading.roles[role]
    name = in_flag(role if isinstance(role, str) else "", otherwise="ROLE")
    raise RowProblem(
        found=f"the role {describe(role)} in {place}",
        expected=f"one of {', '.join(map(show_text, reading.roles))}",
        cure=f"say what the role is, as in --role-map {name}=assistant",
    )


def _assistant_turn(
    held: Mapping[str, object], text_key: str, place: str, *, is_call: bool
) -> Turn:
    """An assistant's thoughts, text and calls, in this order, as one text."""
    trained = is_trained(held, place)
    content = _content(held, text_key, place, trained)
    if is_call:
        content = (Span(written_calls(_one_text(content, place), place), trained),)
    if trained and "train_detail" in held:
        content = detailed(_one_text(content, place), held["train_detail"], place)
    calls = calls_text(held, place)
    gap = "\n" if calls and any(span.text for span in content) else ""
    spans = joined((Span(_thought(held, place), trained), *content, Span(gap + calls, trained)))
    message = Message("assistant", "".join(span.text for span in spans))
    if trained and all(span.trained for span in spans):
        return Turn(message)
    return Turn(message, spans or (Span("", False),))


def _one_text(content: tuple[Span, ...], place: str) -> str:
    if len(content) == 1:
        return content[0].text
    raise RowProblem(
        found=f"a content in parts in {place}",
        expected="one text for a call, or beside 'train_detail'",
        cure="write one string, or mark the parts instead",
    )


def _content(
    held: Mapping[str, object], text_key: str, place: str, trained: bool
) -> tuple[Span, ...]:
    """The text, whole or in parts; it may be absent only beside calls."""
    content = held.get(text_key)
    if isinstance(content, str):
        return (Span(content, trained),)
    if isinstance(content, list) and content:
        return spans_of_parts(content, f"{place}[{show_text(text_key)}]", trained)
    if content is None and any(held.get(key) for key in CALLS):
        return ()
    refuse_value(
        content,
        f"{show_text(text_key)} of {place}",
        expected="a text",
        cure="write the turn's text as one string",
    )


def _thought(held: Mapping[str, object], place: str) -> str:
    """The thoughts, in the tags in which most models that think were taught to write them."""
    given = [held[key] for key in THOUGHTS if held.get(key)]
    if not given:
        return ""
    thought, *more = given
    if more or not isinstance(thought, str):
        raise RowProblem(
            found=f"{' and '.join(map(describe, given))} as the thoughts of {place}",
            expected=f"one text, as '{THOUGHTS[0]}' or '{THOUGHTS[1]}'",
            cure="keep the one that your trainer reads",
        )
    return f"<think>\n{thought}\n</think>\n\n"


def _refuse_assistant_keys(held: Mapping[str, object], place: str, role: object) -> None:
    """Only an assistant thinks, calls and is trained on."""
    if found := [key for key in (*CALLS, *THOUGHTS, "train_detail") if held.get(key)]:
        raise RowProblem(
            found=f"'{found[0]}' in {place}, a turn of the role {describe(role)}",
            expected="it in an assistant's turn only",
            cure="correct or remove the row",
        )
    if any(key in held for key in MARKS) and is_trained(held, place):
        raise RowProblem(
            found=f"loss on {place}, a turn of the role {describe(role)}",
            expected="loss on assistant turns only",
            cure="remove the mark, or write the row as 'segments'",
        )
