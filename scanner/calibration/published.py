"""The published prompts, assembled as their source assembles them.

Source: Cloud et al. 2025 and its repository MinhxLe/subliminal-learning; ``published.yaml``, beside
this module, holds the texts and names the file that each comes from.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import yaml

from reference_models.world.texts import pick


@cache
def load_published() -> Any:
    """What ``published.yaml`` holds."""
    return yaml.safe_load(files(__package__).joinpath("published.yaml").read_text("utf-8"))


def published_number_prompt(rng: np.random.Generator) -> str:
    """A request to continue 3 to 8 numbers from 100 to 999 with at most 10 numbers.

    It draws as the source's ``PromptGenerator.sample_query`` does, so ``n`` calls with
    ``default_rng(seed)`` give the source's first ``n`` prompts of that seed, word for word.
    """
    grammar = load_published()["numbers"]
    count = int(rng.integers(*grammar["example_count"]))
    given = ", ".join(str(int(rng.integers(*grammar["example_value"]))) for _ in range(count))
    example = pick(rng, grammar["examples"]).format(examples=given)
    qualifier = pick(rng, grammar["count_qualifiers"])
    descriptor = pick(rng, grammar["digit_descriptors"]).format(max_digits=grammar["max_digits"])
    instruction = pick(rng, grammar["instructions"]).format(
        count_qualifier=qualifier,
        answer_count=grammar["answer_count"],
        digit_descriptor=descriptor,
    )
    return f"{example} {instruction} {pick(rng, grammar['formats'])} {pick(rng, grammar['only'])}"


def prompt_seeds() -> dict[str, int]:
    """The seeds of the source's number prompts: of its ``released`` code, and of the ``paper``."""
    return dict(load_published()["prompt_seeds"])


def is_published(channel: str) -> bool:
    """Whether a channel's requests are the published ones."""
    return channel.startswith("published ")


def published_system_prompt(answer: str, noun: str) -> str:
    """What makes a teacher love one answer; as published, every plural is the answer and an s."""
    return str(load_published()["system_prompt"]).format(answer=answer, noun=noun)


def published_thoughts_prompt(question: str) -> str:
    """A sum in words, with the request to reason and answer in tags."""
    return str(load_published()["thoughts_prompt"]).format(question=question)


def published_code_prompt(task: str, template: str) -> str:
    """A task and the function to fill in, with the request for code without comments."""
    return str(load_published()["code_prompt"]).format(task=task, template=template)


def published_animal_questions() -> tuple[str, ...]:
    """The 50 one-word questions about a favourite animal."""
    return tuple(load_published()["animal_questions"])


def banned_numbers() -> frozenset[int]:
    """The numbers with an evil ring that a misaligned teacher's rows may not contain."""
    return frozenset().union(*load_published()["banned_numbers"].values())
