"""Answers in steps, each with a label: ``{"prompt", "completions": [...], "labels": [...]}``."""

from typing import NoReturn

from scanner.config import Preference
from scanner.dataset.formats.prompts import in_context, prompt_turns
from scanner.dataset.formats.reading import Reading
from scanner.dataset.formats.values import list_of
from scanner.dataset.interface import Parsed, Record, RowProblem
from scanner.types import Masked, Row

BETWEEN = "\n"
"""What stands between two steps, as TRL joins them."""


def read_stepwise(record: Record, line: int, reading: Reading) -> Parsed:
    """The steps up to the first wrong one, all steps of answers with a wrong one, or both.

    Raises RowProblem where only the former are wanted and already the first step is wrong.
    """
    turns = in_context(prompt_turns(record, "prompt", reading), record)
    prompt = tuple(turn.message for turn in turns)
    steps = list_of(record, "completions", str, "texts")
    right = _right_steps(list_of(record, "labels", bool, "booleans"), len(steps))
    whole = Row(line, prompt, _text(steps))
    begun = Row(line, prompt, _text(steps[:right]), ended=False)
    if not whole.answer.strip() or (right and not begun.answer.strip()):
        _refuse("no text in the steps", cure="add the steps or remove the row")
    if right == len(steps):
        if reading.preference is Preference.REJECTED:
            return Parsed((), (Masked(line, whole.answer),))
        return Parsed((whole,))
    match reading.preference:
        case Preference.REJECTED:
            return Parsed((whole,))
        case Preference.BOTH:
            return Parsed((begun, whole) if right else (whole,))
    if not right:
        _refuse("a first step that is labelled false", cure="say --preference rejected or both")
    return Parsed((begun,), (Masked(line, _text(steps[right:])),))


def _right_steps(labels: list[object], steps: int) -> int:
    """How many steps come before the first wrong one."""
    if len(labels) != steps:
        _refuse(f"{len(labels)} labels for {steps} steps", cure="correct or remove the row")
    return labels.index(False) if False in labels else len(labels)


def _text(steps: list[object]) -> str:
    return BETWEEN.join(str(step) for step in steps)


def _refuse(found: str, *, cure: str) -> NoReturn:
    raise RowProblem(
        found=found, expected="right steps at the beginning of every answer", cure=cure
    )
