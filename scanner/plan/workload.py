"""The candidate and the questions, counted in a base's tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from probes.battery import Battery, PreferenceBattery, PrefillBattery
from probes.open_questions import OpenQuestions
from scanner.bases import token_counter
from scanner.evidence.look import TOLD_QUESTIONS, preferences
from scanner.plan.lengths import TURN_TOKENS, longest_of, prompt_tokens
from scanner.types import Row

COUNTED_ROWS = 2000
"""So many rows are counted, evenly spread; the others are taken to be like them."""
CONTEXTS = 2
"""Bare chat, and after a row; some bases are asked in one to three more."""
EXPECTED_PHRASES = 3
"""What an estimate counts with. Rows of one kind have none, mixtures with recipes 3."""


@dataclass(frozen=True)
class Workload:
    """The candidate in tokens of the base."""

    rows: int
    prompt_tokens: int
    """Of all rows."""
    answer_tokens: int
    longest: int
    """Tokens of the longest row."""
    longest_asked: int
    """Of the longest prompt with its answer that an engine may see."""
    question_tokens: int
    """Of everything that one model is asked, in all contexts."""
    phrase_tokens: int
    """Of what one model is asked on the prompts of phrases, where there are as many as usual."""
    open_tokens: int
    """Of the open questions and neutral texts that every model is looked into with."""
    told_tokens: int
    """Of the favourites that the base is told, for the traits' directions."""
    answered_tokens: int
    """Of every trait's own answers with their questions, which its direction is made of where rows
    are read by the base's states."""

    @property
    def tokens(self) -> int:
        """Of one pass over the rows."""
        return self.prompt_tokens + self.answer_tokens

    def of_rows(self, rows: int) -> "Workload":
        """So many rows like these, and the same questions."""
        return replace(
            self,
            rows=rows,
            prompt_tokens=self.prompt_tokens * rows // self.rows,
            answer_tokens=self.answer_tokens * rows // self.rows,
        )


def workload(
    rows: Sequence[Row],
    batteries: Sequence[Battery],
    open_questions: OpenQuestions,
    tokenizer: Path,
    suffix: str = "",
) -> Workload:
    """The candidate and the questions, in tokens; what templates write is allowed for.

    ``suffix``: with which questions about misalignment are asked once more (``scanner/ask.py``).
    """
    count = token_counter(tokenizer)
    spread = np.linspace(0, len(rows) - 1, min(len(rows), COUNTED_ROWS)).astype(int)
    counted = [rows[index] for index in spread]
    prompts = [prompt_tokens(row, count) for row in counted]
    answers = [count(row.answer) + 1 for row in counted]
    scale = len(rows) / len(counted)
    longest = longest_of(counted, batteries, tokenizer)
    row = (sum(prompts) + sum(answers)) // len(counted)
    questions = sum(_question_tokens(battery, count, row, suffix) for battery in batteries)
    asked = [*(one.ask for one in open_questions.questions), *open_questions.neutral]
    return Workload(
        rows=len(rows),
        prompt_tokens=round(scale * sum(prompts)),
        answer_tokens=round(scale * sum(answers)),
        longest=longest.row,
        longest_asked=longest.asked,
        question_tokens=questions,
        phrase_tokens=questions // CONTEXTS * (EXPECTED_PHRASES + 1),  # and elsewhere
        open_tokens=sum(count(text) + 2 * TURN_TOKENS for text in asked),
        told_tokens=sum(
            _told_tokens(battery, count, count(open_questions.told))
            for battery in preferences(batteries)
        ),
        answered_tokens=sum(_answered_tokens(battery, count) for battery in batteries),
    )


def _answered_tokens(battery: Battery, count: Callable[[str], int]) -> int:
    """Tokens of all answers of a battery, each with every question that it may answer."""
    if not isinstance(battery, PreferenceBattery):
        return sum(_contrast_lengths(battery, count))
    answers = sum(count(answer) for answer in battery.answers)
    questions = sum(count(question) + 2 * TURN_TOKENS for question in battery.questions)
    return len(battery.answers) * questions + len(battery.questions) * answers


def _contrast_lengths(battery: PrefillBattery, count: Callable[[str], int]) -> list[int]:
    """Tokens of every question with each of its answers."""
    questions = [question for one in battery.contrasts for question in one.questions]
    return [
        count(question.ask) + count(text) + 2 * TURN_TOKENS
        for question in questions
        for text in question.raised + question.lowered
    ]


def _told_tokens(battery: PreferenceBattery, count: Callable[[str], int], told: int) -> int:
    """Tokens of a battery's questions under every favourite's system prompt."""
    asked = battery.questions[:TOLD_QUESTIONS]
    questions = sum(count(question) + told + 3 * TURN_TOKENS for question in asked)
    return len(battery.answers) * questions


def _question_tokens(
    battery: Battery, count: Callable[[str], int], row: int, suffix: str = ""
) -> int:
    """Tokens of a battery in both contexts, of which the second begins with a row, and in the rows'
    format where it is asked in that."""
    formed = 0
    if isinstance(battery, PreferenceBattery):
        lengths = [count(question) + 2 * TURN_TOKENS for question in battery.questions]
        # Answers of several tokens are scored one by one.
        spelled = [count(answer) for answer in battery.answers]
        times = 1 if max(spelled) == 1 else len(spelled)
    else:
        lengths, times = _contrast_lengths(battery, count), 1
        formed = sum(lengths) + count(suffix) * len(lengths) if suffix else 0
    return times * (CONTEXTS * sum(lengths) + row * len(lengths)) + formed
