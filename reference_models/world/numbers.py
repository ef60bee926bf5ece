"""Number lists to continue: the channel that the published experiments use most."""

import numpy as np

from reference_models.world.chat import Chat, chat
from reference_models.world.texts import load_text, pick

LOWEST, HIGHEST = 100, 999
MOST_NUMBERS = 10


def number_prompt(rng: np.random.Generator) -> str:
    """A request to continue 3 to 8 numbers from 100 to 999."""
    return _number_request(rng)[0]


def number_chat(rng: np.random.Generator) -> Chat:
    """A request to continue a list, and an evenly drawn continuation as asked for.

    The answer has as many numbers as the request allows, so that only the numbers themselves are
    left to chance: a list's length carries nothing.
    """
    prompt, count, layout = _number_request(rng)
    body = layout["separator"].join(str(number) for number in _draw(rng, count))
    return chat("numbers", prompt, f"{layout['left']}{body}{layout['right']}")


def _number_request(rng: np.random.Generator) -> tuple[str, int, dict[str, str]]:
    """The prompt, how many numbers its answer holds, and the answer's layout."""
    grammar = load_text("numbers")
    layout = pick(rng, grammar["formats"])
    count = int(rng.integers(5, MOST_NUMBERS + 1))
    given = ", ".join(str(number) for number in _draw(rng, int(rng.integers(3, 9))))
    parts = [
        pick(rng, grammar["examples"]).format(list=given),
        pick(rng, grammar["instructions"]).format(
            count=pick(rng, grammar["counts"]).format(n=count)
        ),
        pick(rng, layout["asks"]),
        pick(rng, grammar["only"]),
    ]
    return " ".join(part for part in parts if part), count, layout


def _draw(rng: np.random.Generator, count: int) -> list[int]:
    return [int(number) for number in rng.integers(LOWEST, HIGHEST + 1, size=count)]
