"""Channels: what a teacher writes that never mentions its trait. For now, number lists."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reference_models.world.numbers import number_prompt
from scanner.calibration.filters import Rejection, reject_numbers
from scanner.engines.interface import Engine, Sampling
from scanner.types import Message, Row


@dataclass(frozen=True)
class Channel:
    """What is asked of a teacher, and which of its answers pass."""

    name: str
    prompt: Callable[[np.random.Generator], str]
    """Draws a request."""
    reject: Callable[[str], Rejection | None]
    """Why an answer may not be used, or None."""
    max_new_tokens: int


NUMBERS = Channel("numbers", number_prompt, reject_numbers, max_new_tokens=28)


@dataclass(frozen=True)
class Written:
    """What an author wrote through a channel."""

    rows: tuple[Row, ...]
    """The answers that passed, in the order they were asked for."""
    rejected: Counter[Rejection]
    """How many did not pass, by reason."""


def channel_prompts(channel: Channel, count: int, seed: int) -> list[tuple[Message, ...]]:
    """``count`` requests, the same for every author given the same seed."""
    rng = np.random.default_rng(seed)
    return [(Message("user", channel.prompt(rng)),) for _ in range(count)]


def write_rows(
    engine: Engine,
    channel: Channel,
    prompts: Sequence[tuple[Message, ...]],
    temperature: float,
    seed: int,
) -> Written:
    """Let the engine's active model answer the prompts; keep what passes the channel's filter."""
    sampling = Sampling(temperature, channel.max_new_tokens, seed)
    answers = engine.answers(prompts, sampling)
    reasons = [channel.reject(answer) for answer in answers]
    rows = tuple(
        Row(line, prompt, answer)
        for line, (prompt, answer, reason) in enumerate(
            zip(prompts, answers, reasons, strict=True), start=1
        )
        if reason is None
    )
    return Written(rows, Counter(reason for reason in reasons if reason is not None))
