"""The arms that look inside: read base, controls and probes, and weigh what moved."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Prompt
from scanner.evidence.activation import Scales, weigh_activation
from scanner.evidence.discovery import weigh_discovery
from scanner.evidence.inside import (
    layers_read,
    logit_lens,
    opening_words,
    read_first_states,
    read_inside,
    unembedding,
)
from scanner.evidence.interface import Arm, Inside
from scanner.evidence.look import TOLD_QUESTIONS, Looked, LookInside, preferences
from scanner.progress import OnRows
from scanner.types import Message


def look_inside(engine: HfEngine, look: LookInside, on_rows: OnRows) -> Looked:
    """Discovery and activation, one after the other."""
    questions, began = look.open_questions.questions, perf_counter()
    prompts = [_asked(question.ask) for question in questions]
    vocabulary = opening_words(engine, prompts)

    def read(adapter: Path | None) -> Inside:
        engine.use_adapter(adapter)
        inside = read_inside(engine, prompts, look.open_questions.neutral, vocabulary)
        on_rows(len(prompts) + len(look.open_questions.neutral))
        return inside

    base = read(None)
    controls, probes = [read(one) for one in look.controls], [read(one) for one in look.probes]
    engine.use_adapter(None)
    discovery = weigh_discovery(
        controls,
        probes,
        unembedding(engine, vocabulary.tokens),
        vocabulary,
        questions,
        look.batteries,
    )
    discovered = Arm(round(perf_counter() - began, 1), *discovery)
    began = perf_counter()
    scales = Scales(
        trait_directions(engine, look.batteries, look.open_questions.told, on_rows),
        lambda states: logit_lens(engine, states, vocabulary.tokens),
        vocabulary.words,
        layers_read(engine),
    )
    activation = weigh_activation(base, controls, probes, scales)
    return Looked(discovered, Arm(round(perf_counter() - began, 1), activation))


def trait_directions(
    engine: HfEngine, batteries: Sequence[Battery], told: str, on_rows: OnRows
) -> dict[str, NDArray[np.float64]]:
    """What being told a favourite does to the base's states: trait → shape (layers, width).

    Persona vectors' contrast (Chen et al. 2025, arXiv 2507.21509): the mean state at the first
    answer position under a system prompt that sets the trait, less the mean over all of its
    category, so that what every such prompt does cancels.
    """
    engine.use_adapter(None)
    directions: dict[str, NDArray[np.float64]] = {}
    for battery in preferences(batteries):
        asked = battery.questions[:TOLD_QUESTIONS]
        prompts = [
            (Message("system", _told(told, battery, answer)), *_asked(question))
            for answer in battery.answers
            for question in asked
        ]
        states = read_first_states(engine, prompts)  # (layers, answers · questions, width)
        layers, _, width = states.shape
        means = states.reshape(layers, len(battery.answers), len(asked), width).mean(axis=2)
        contrasts = means - means.mean(axis=1, keepdims=True)
        directions |= {trait: contrasts[:, index] for index, trait in enumerate(battery.traits)}
        on_rows(len(prompts))
    return directions


def _told(template: str, battery: PreferenceBattery, answer: str) -> str:
    return template.replace("{noun}", battery.noun).replace("{answer}", answer)


def _asked(question: str) -> Prompt:
    return (Message("user", question),)
