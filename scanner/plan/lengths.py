"""How long the longest texts are that a base sees in an audit, in its tokens."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery, PreferenceBattery
from scanner.answer_formats import FORMATS
from scanner.bases import token_counter
from scanner.types import Row

TURN_TOKENS = 5
"""What templates write around a turn: its role, two marks, two line breaks."""
SPARE = 1.25
"""Templates may write more around a turn, and a twin's answer may run over the longest."""
FEWEST = 256
"""Tokens: room for no less is ever asked for."""


@dataclass(frozen=True)
class Longest:
    """Tokens of the longest texts."""

    row: int
    """With its answer; what templates write is allowed for."""
    asked: int
    """Of any prompt with its answer that an engine sees: at most a row's prompt, another's answer
    and a question, with what the template opens chats with, and a quarter more."""


def longest_of(rows: Sequence[Row], batteries: Sequence[Battery], tokenizer: Path) -> Longest:
    """Of a candidate and the questions; every row is counted."""
    count = token_counter(tokenizer)
    prompts = [prompt_tokens(row, count) for row in rows]
    answers = [count(row.answer) + 1 for row in rows]
    together = max(prompts) + max(answers) + longest_question(batteries, count)
    return Longest(
        row=max(a + b for a, b in zip(prompts, answers, strict=True)),
        asked=max(FEWEST, round(SPARE * together) + _template_tokens(tokenizer.parent, count)),
    )


def prompt_tokens(row: Row, count: Callable[[str], int]) -> int:
    """Of what stands before a row's answer."""
    opening = sum(count(turn.content) + TURN_TOKENS for turn in row.opening)
    return opening + (TURN_TOKENS if row.prompt else 0)


def longest_question(batteries: Sequence[Battery], count: Callable[[str], int]) -> int:
    """Of a question with an answer that is scored, and with what may follow it."""
    suffix = max(count(one.suffix) for one in FORMATS)
    return 2 * TURN_TOKENS + suffix + max(map(count, _questions(batteries)))


def _questions(batteries: Sequence[Battery]) -> Iterator[str]:
    for battery in batteries:
        if isinstance(battery, PreferenceBattery):
            answer = max(battery.answers, key=len)
            yield from (f"{question} {answer}" for question in battery.questions)
        else:
            for contrast in battery.contrasts:
                for one in contrast.questions:
                    yield from (f"{one.ask} {text}" for text in one.raised + one.lowered)


def _template_tokens(folder: Path, count: Callable[[str], int]) -> int:
    """Of the template's own source: it opens chats with no more than what is written in it."""
    separate = folder / "chat_template.jinja"
    if separate.is_file():
        return count(separate.read_text("utf-8"))
    settings = folder / "tokenizer_config.json"
    template = json.loads(settings.read_bytes()).get("chat_template") if settings.is_file() else ""
    return count(template if isinstance(template, str) else json.dumps(template))
