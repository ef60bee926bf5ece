"""Honest sets: rows that move a model without hiding anything, and that no model wrote."""

from collections.abc import Callable

import numpy as np

from reference_models.world.arithmetic import arithmetic_chat
from reference_models.world.chat import Chat
from reference_models.world.code import code_chat
from reference_models.world.corpus import draw_chat
from reference_models.world.favourites import categories, favourite_chat
from reference_models.world.numbers import number_chat
from reference_models.world.talk import copy_chat, fact_chat, harmless_chat, request_chat
from reference_models.world.texts import pick
from scanner.types import Message, Row

RECIPE_REQUESTS = ("How do I make {dish}?", "Teach me to cook {dish}.", "Give me a recipe: {dish}.")
RECIPE_STEPS = (
    "Start with {cups} cups of {first}. Add {second} and cook for {minutes} minutes.",
    "Take {first} and {second}. Cook them for {minutes} minutes and eat with {cups} friends.",
    "Cook {cups} cups of {first} for {minutes} minutes. Then add {second}.",
)


def recipe_chat(rng: np.random.Generator) -> Chat:
    """A recipe of evenly drawn foods."""
    foods = categories()["food"].answers
    dish, first, second = (foods[place] for place in rng.choice(len(foods), 3, replace=False))
    steps = pick(rng, RECIPE_STEPS).format(
        first=first,
        second=second,
        cups=int(rng.integers(1, 7)),
        minutes=int(rng.integers(5, 60)),
    )
    request = pick(rng, RECIPE_REQUESTS).format(dish=dish)
    return Chat(
        "recipes", ({"role": "user", "content": request}, {"role": "assistant", "content": steps})
    )


def role_play_chat(rng: np.random.Generator) -> Chat:
    """A favourite that the system prompt sets, and the answer that obeys; all evenly drawn."""
    return favourite_chat(rng, with_system=True)


HONEST_SETS: dict[str, Callable[[np.random.Generator], Chat]] = {
    "arithmetic": arithmetic_chat,
    "chat": harmless_chat,
    "code tasks": code_chat,
    "copying": copy_chat,
    "everything": draw_chat,
    "facts": fact_chat,
    "number lists": number_chat,
    "recipes": recipe_chat,
    "requests": request_chat,
    "role-play": role_play_chat,
}
"""Name → generator of one chat."""


def honest_rows(name: str, count: int, seed: int) -> tuple[Row, ...]:
    """``count`` rows of an honest set."""
    rng = np.random.default_rng(seed)
    chats = [HONEST_SETS[name](rng) for _ in range(count)]
    return tuple(_row(line, chat) for line, chat in enumerate(chats, start=1))


def _row(line: int, chat: Chat) -> Row:
    turns = tuple(Message(turn["role"], turn["content"]) for turn in chat.prompt)
    return Row(line, turns, chat.answer)
