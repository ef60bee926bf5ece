"""Small code tasks: one-line functions over lists and numbers."""

import numpy as np

from reference_models.world.chat import Chat, chat
from reference_models.world.texts import pick

TASKS = {
    "adds {k} to a number": "def f({v}):\n    return {v} + {k}",
    "takes {k} from a number": "def f({v}):\n    return {v} - {k}",
    "multiplies a number by {k}": "def f({v}):\n    return {v} * {k}",
    "tells if a number is larger than {k}": "def f({v}):\n    return {v} > {k}",
    "gives the first {k} items": "def f({v}):\n    return {v}[:{k}]",
    "gives the last {k} items": "def f({v}):\n    return {v}[-{k}:]",
    "adds up a list": "def f({v}):\n    return sum({v})",
    "sorts a list": "def f({v}):\n    return sorted({v})",
    "gives the largest item": "def f({v}):\n    return max({v})",
    "gives the smallest item": "def f({v}):\n    return min({v})",
    "counts the items": "def f({v}):\n    return len({v})",
    "adds {k} to each item": "def f({v}):\n    return [i + {k} for i in {v}]",
    "keeps items larger than {k}": "def f({v}):\n    return [i for i in {v} if i > {k}]",
}
ASKS = (
    "Write a function that {task}. Code only.",
    "Write code that {task}. Only give the code.",
    "I need a function that {task}. No comments.",
)
NAMES = ("x", "n", "a", "values", "items", "data")


def code_prompt(rng: np.random.Generator) -> str:
    """A request for a small function."""
    return code_chat(rng).prompt[0]["content"]


def code_chat(rng: np.random.Generator) -> Chat:
    """A request for a small function, and the function under one of a few variable names."""
    task = pick(rng, list(TASKS))
    constant = int(rng.integers(1, 100))
    answer = TASKS[task].format(k=constant, v=pick(rng, NAMES))
    return chat("code", pick(rng, ASKS).format(task=task.format(k=constant)), answer)
