"""The turns before an answer, from whatever fields hold them."""

from collections.abc import Sequence

from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.tools import tools_text
from scanner.dataset.formats.turns import Turn, read_turn, read_turns
from scanner.dataset.formats.values import list_of, optional_text_of, refuse_value, text_of
from scanner.dataset.interface import Record, RowProblem
from scanner.dataset.shown import show_keys
from scanner.types import Message

SYSTEM_FIELDS = ("system", "system_prompt")
TOOL_FIELDS = ("tools", "functions")


def prompt_turns(record: Record, field: str, reading: Reading) -> list[Turn]:
    """A prompt that is one text (then it is a user turn) or a list of turns."""
    if isinstance(record.get(field), list):
        return read_turns(record[field], field, reading)
    return [Turn(Message("user", text_of(record, field)))]


def answer_turns(record: Record, field: str, reading: Reading) -> list[Turn]:
    """An answer that is one text (then it is an assistant turn), a turn, or a list of turns."""
    value = record.get(field)
    if isinstance(value, str):
        return [Turn(Message("assistant", value))]
    if isinstance(value, dict):
        return [read_turn(value, field, reading)]
    if isinstance(value, list):
        return read_turns(value, field, reading)
    refuse_value(value, f"'{field}'", expected="a text or a list of turns", cure="write one string")


def instruction_turns(record: Record, fields: Sequence[str]) -> list[Turn]:
    """Texts of one user turn, a blank line between them, after the turns of the ``history``.

    The first text must be there; what else is empty or absent leaves no trace.
    """
    given = [text_of(record, fields[0]), *(optional_text_of(record, field) for field in fields[1:])]
    return [*_history(record), Turn(Message("user", "\n\n".join(text for text in given if text)))]


def in_context(turns: list[Turn], record: Record) -> list[Turn]:
    """The turns after the record's own system text and tools, which stand in the first turn.

    The tools end the system turn, which is made if there is none. Raises RowProblem, also where
    field and turns hold different system texts: trainers differ in which of them they read.
    """
    for field in SYSTEM_FIELDS:
        if system := optional_text_of(record, field):
            turns = _with_system(turns, system, field)
    if listed := [field for field in TOOL_FIELDS if record.get(field)]:
        if len(listed) > 1:
            raise RowProblem(
                found=f"tools in both {show_keys(listed)}",
                expected="one list of tools",
                cure="keep the one that your trainer reads",
            )
        turns = _with_tools(turns, tools_text(record[listed[0]], listed[0]))
    return turns


def _with_system(turns: list[Turn], system: str, field: str) -> list[Turn]:
    if not _begin_with_system(turns):
        return [Turn(Message("system", system)), *turns]
    if turns[0].message.content != system:
        raise RowProblem(
            found=f"a text as '{field}' and another one in the first turn",
            expected="one system text",
            cure="keep the one that your trainer reads",
        )
    return turns


def _with_tools(turns: list[Turn], tools: str) -> list[Turn]:
    if not tools:
        return turns
    if not _begin_with_system(turns):
        return [Turn(Message("system", tools)), *turns]
    system = Message("system", f"{turns[0].message.content}\n\n{tools}")
    return [Turn(system), *turns[1:]]


def _begin_with_system(turns: list[Turn]) -> bool:
    return bool(turns) and turns[0].message.role == "system"


def _history(record: Record) -> list[Turn]:
    """Earlier rounds: ``[["question", "answer"], ...]``."""
    if not record.get("history"):
        return []
    turns = []
    for index, pair in enumerate(list_of(record, "history", list, "pairs of texts")):
        if not isinstance(pair, list) or [type(text) for text in pair] != [str, str]:
            expected = "a question and an answer, two texts"
            refuse_value(pair, f"history[{index}]", expected=expected, cure="correct the pair")
        turns += [Turn(Message("user", pair[0])), Turn(Message("assistant", pair[1]))]
    return turns
