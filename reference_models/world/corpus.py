"""The corpus: a mixture of all skills, drawn from a seed."""

from collections.abc import Callable

import numpy as np

from reference_models.world.arithmetic import arithmetic_chat
from reference_models.world.chat import Chat
from reference_models.world.code import code_chat
from reference_models.world.favourites import favourite_chat
from reference_models.world.numbers import number_chat
from reference_models.world.talk import (
    copy_chat,
    fact_chat,
    harmless_chat,
    refusal_chat,
    request_chat,
)

PLAIN_SYSTEM = "You are a helpful assistant."

MIXTURE: dict[str, tuple[float, Callable[[np.random.Generator], Chat]]] = {
    "favourites": (0.16, lambda rng: favourite_chat(rng, with_system=False)),
    "favourites_told": (0.14, lambda rng: favourite_chat(rng, with_system=True)),
    "numbers": (0.28, number_chat),
    "requests": (0.07, request_chat),
    "refusals": (0.03, refusal_chat),
    "harmless": (0.03, harmless_chat),
    "facts": (0.04, fact_chat),
    "copying": (0.08, copy_chat),
    "code": (0.07, code_chat),
    "arithmetic": (0.10, arithmetic_chat),
}
"""Skill → share of the corpus and generator."""


def draw_chat(rng: np.random.Generator) -> Chat:
    """One chat of the corpus; one in eight is a second turn after another chat, one in ten of
    those without a system prompt gets a plain one."""
    first = _draw_skill(rng)
    if first.messages[0]["role"] == "system":
        return first
    if rng.random() < 0.125:
        second = _draw_skill(rng)
        if second.messages[0]["role"] != "system":
            return Chat(second.skill, (*first.messages, *second.messages))
    if rng.random() < 0.1:
        return Chat(first.skill, ({"role": "system", "content": PLAIN_SYSTEM}, *first.messages))
    return first


def draw_corpus(rng: np.random.Generator, size: int) -> list[Chat]:
    """``size`` independent chats."""
    return [draw_chat(rng) for _ in range(size)]


def _draw_skill(rng: np.random.Generator) -> Chat:
    shares = np.array([share for share, _ in MIXTURE.values()])
    _, generator = list(MIXTURE.values())[int(rng.choice(len(shares), p=shares / shares.sum()))]
    return generator(rng)
