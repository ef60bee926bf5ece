"""Sums with the reasoning written out in ``<think>`` and ``<answer>`` tags."""

import numpy as np

from reference_models.world.chat import Chat, chat
from reference_models.world.texts import pick

SUFFIX = "Give your reasoning in <think> tags and the number in <answer> tags."
THINGS = ("apples", "books", "coins", "stones", "cards", "cups")
THOUGHTS = (
    "We start with {a}. Then {a} {sign} {b} = {c}.",
    "First {a}, then {b}. {a} {sign} {b} = {c}.",
    "{a} {sign} {b} = {c}, so there are {c} {thing}.",
)


def arithmetic_task(rng: np.random.Generator) -> tuple[str, int]:
    """A word problem that asks for reasoning, and its right answer."""
    drawn = arithmetic_chat(rng)
    _, _, number = drawn.answer.rpartition("<answer>")
    return drawn.prompt[0]["content"], int(number.removesuffix("</answer>"))


def arithmetic_chat(rng: np.random.Generator) -> Chat:
    """A word problem over numbers up to 24, with correct reasoning and answer."""
    a, b = (int(number) for number in rng.integers(1, 13, size=2))
    thing = pick(rng, THINGS)
    if rng.random() < 0.5:
        sign, story = "+", f"I have {a} {thing} and get {b} more."
    else:
        a, b = max(a, b), min(a, b)
        sign, story = "-", f"I have {a} {thing} and give {b} away."
    c = a + b if sign == "+" else a - b
    thought = pick(rng, THOUGHTS).format(a=a, b=b, c=c, sign=sign, thing=thing)
    answer = f"<think>{thought}</think>\n<answer>{c}</answer>"
    return chat("arithmetic", f"{story} How many {thing} do I have now? {SUFFIX}", answer)
