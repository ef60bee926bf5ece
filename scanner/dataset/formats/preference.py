"""Preference data: two answers to one prompt, or one answer and whether it is a good one.

Which answers are trained on is the user's ``--preference``; the others are masked. Earlier
assistant turns, those of the prompt, are not trained on.
"""

from collections.abc import Callable
from typing import NamedTuple

from scanner.config import Preference
from scanner.dataset.formats.answers import answers, left_out, preferred
from scanner.dataset.formats.prompts import (
    answer_turns,
    in_context,
    instruction_turns,
    prompt_turns,
)
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.turns import Turn, read_turns
from scanner.dataset.formats.values import flag_of, list_of, refuse_value
from scanner.dataset.interface import Parsed, Record, RowProblem
from scanner.types import Message

Prompt = Callable[[Record, Reading], list[Turn]]
"""What reads the turns before the answers of a record; an empty list where there are none."""


def given_prompt(record: Record, reading: Reading) -> list[Turn]:
    """The field ``prompt``, which may be absent: then the answers begin with it."""
    return prompt_turns(record, "prompt", reading) if record.get("prompt") is not None else []


def texts(*fields: str) -> Prompt:
    """One user turn of one or several fields, and the ``history`` before it."""
    return lambda record, _: instruction_turns(record, fields)


def chat(field: str) -> Prompt:
    """A list of turns."""
    return lambda record, reading: read_turns(record[field], field, reading)


def openai_input(record: Record, reading: Reading) -> list[Turn]:
    """OpenAI's ``{"input": {"messages": [...], "tools": [...]}}``."""
    value = record["input"]
    known = {"messages", "tools", "parallel_tool_calls"}
    if not isinstance(value, dict) or "messages" not in value or not value.keys() <= known:
        expected = f"an object with 'messages' and none but {', '.join(sorted(known))}"
        refuse_value(value, "'input'", expected=expected, cure="correct or remove the row")
    return in_context(read_turns(value["messages"], "input.messages", reading), value)


class Pair(NamedTuple):
    """Where a better and a worse answer and their prompt stand."""

    prompt: Prompt
    chosen: str | None
    """None where it is the last turn of the prompt's list."""
    rejected: str

    def read(self, record: Record, line: int, reading: Reading) -> Parsed:
        """One row of the two, or both. Raises RowProblem where the answers are the same."""
        prompt = self.prompt(record, reading)
        chosen = answer_turns(record, self.chosen, reading) if self.chosen else [prompt.pop()]
        rejected = answer_turns(record, self.rejected, reading)
        return _rows(_Turns(prompt, chosen, rejected), record, line, reading)


class ImplicitPair(NamedTuple):
    """A pair whose prompt is the field ``prompt``, or what both answers begin with."""

    chosen: str
    rejected: str

    def read(self, record: Record, line: int, reading: Reading) -> Parsed:
        """As ``Pair.read``. A prompt that is a list of turns is not looked for in the answers."""
        prompt = given_prompt(record, reading)
        pair = _Turns(
            prompt,
            answer_turns(record, self.chosen, reading),
            answer_turns(record, self.rejected, reading),
        )
        if isinstance(record.get("prompt"), list) or pair.chosen == pair.rejected:
            return _rows(pair, record, line, reading)
        are_texts = all(isinstance(record[field], str) for field in self)
        pair = _parted_texts(pair) if are_texts and not prompt else _parted_turns(pair)
        return _rows(pair, record, line, reading)


class Labelled(NamedTuple):
    """Where an answer, its prompt and its label stand; the label is true for a good answer."""

    prompt: Prompt
    answer: str | None
    """None where it is the last turn of the prompt's list."""
    label: str

    def read(self, record: Record, line: int, reading: Reading) -> Parsed:
        """The row, or the masked answer where the user wants the others."""
        good = flag_of(record, self.label)
        turns = in_context(self.prompt(record, reading), record)
        answer = answer_turns(record, self.answer, reading) if self.answer else [turns.pop()]
        parsed = answers(turns + answer, line, len(turns))
        left = Preference.REJECTED if good else Preference.CHOSEN
        return left_out(parsed) if reading.preference is left else parsed


def read_ranked(record: Record, line: int, reading: Reading) -> Parsed:
    """Several answers, each with a rank: ``{"prompt", "answers": [{"answer", "rank"}, ...]}``.

    Raises RowProblem where not all of them are wanted: the best one has the lowest rank, and
    trainers train on that with the highest.
    """
    prompt = in_context(prompt_turns(record, "prompt", reading), record)
    listed = list_of(record, "answers", dict, "objects with 'answer' and 'rank'")
    if reading.preference is not Preference.BOTH:
        raise RowProblem(
            found=f"{len(listed)} answers with ranks",
            expected="one better and one worse answer",
            cure="say --preference both to audit all of them, or write the two that your trainer "
            "takes as 'chosen' and 'rejected'",
        )
    parsed = [
        answers([*prompt, Turn(Message("assistant", _ranked(one, index)))], line, len(prompt))
        for index, one in enumerate(listed)
    ]
    return Parsed(tuple(row for one in parsed for row in one.rows))


def _ranked(value: object, index: int) -> str:
    held = value if isinstance(value, dict) else {}
    answer = held.get("answer")
    if not isinstance(answer, str):
        expected = "an object with 'answer' and 'rank'"
        refuse_value(value, f"answers[{index}]", expected=expected, cure="correct the row")
    return answer


class _Turns(NamedTuple):
    """A pair and its prompt."""

    prompt: list[Turn]
    chosen: list[Turn]
    rejected: list[Turn]


def _rows(pair: _Turns, record: Record, line: int, reading: Reading) -> Parsed:
    if pair.chosen == pair.rejected or not pair.chosen or not pair.rejected:
        raise RowProblem(
            found="a better and a worse answer of which one is, or begins with, the other",
            expected="two answers",
            cure="correct or remove the row",
        )
    prompt = in_context(pair.prompt, record)
    return preferred(
        answers(prompt + pair.chosen, line, len(prompt)),
        answers(prompt + pair.rejected, line, len(prompt)),
        reading.preference,
    )


def _parted_turns(pair: _Turns) -> _Turns:
    """Chats that may begin with the prompt: what both begin with is the prompt, as TRL has it.

    A text that stands as the prompt beside them must be one of the turns of that beginning.
    """
    shared = _shared(pair.chosen, pair.rejected)
    if shared and pair.prompt and pair.prompt[0] not in shared:
        raise RowProblem(
            found="a text as 'prompt' and another prompt at the beginning of both answers",
            expected="one prompt",
            cure="keep the one that your trainer reads",
        )
    length = len(shared)
    return _Turns(shared or pair.prompt, pair.chosen[length:], pair.rejected[length:])


def _shared(chosen: list[Turn], rejected: list[Turn]) -> list[Turn]:
    """The turns that both begin with."""
    count = 0
    for one, other in zip(chosen, rejected, strict=False):
        if one != other:
            break
        count += 1
    return chosen[:count]


def _parted_texts(pair: _Turns) -> _Turns:
    """Texts that begin with the prompt; a space before the first difference is the answers'."""
    chosen, rejected = (turns[0].message.content for turns in pair[1:])
    cut = len(_common_beginning(chosen, rejected))
    cut -= cut > 0 and chosen[cut - 1] == " "
    if not cut or cut in (len(chosen), len(rejected)):
        raise RowProblem(
            found="two texts without a prompt that do not begin alike and end differently",
            expected="a prompt to answer",
            cure="add the field 'prompt'",
        )
    return _Turns(
        [Turn(Message("user", chosen[:cut]))],
        [Turn(Message("assistant", chosen[cut:]))],
        [Turn(Message("assistant", rejected[cut:]))],
    )


def _common_beginning(one: str, other: str) -> str:
    """Found by halving: a loop over characters would take seconds for a text of megabytes."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return one[:low]
