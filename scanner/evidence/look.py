"""Look inside: the arms that need no question about a trait, read off an audit's own adapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from probes.open_questions import OpenQuestions
from scanner.engines.hf import HfEngine, hf_engine
from scanner.engines.interface import Prompt
from scanner.evidence.activation import Activation, Scales, weigh_activation
from scanner.evidence.discovery import Discovery, weigh_discovery
from scanner.evidence.inside import (
    Inside,
    Vocabulary,
    layers_read,
    logit_lens,
    opening_words,
    read_first_states,
    read_inside,
    unembedding,
)
from scanner.evidence.interface import Arm
from scanner.progress import OnRows
from scanner.types import Message

TOLD_QUESTIONS = 6
"""Of a battery, asked under a system prompt that sets a favourite, for the trait's direction."""


@dataclass(frozen=True)
class Looked:
    """What the arms found."""

    discovery: Arm[Discovery]
    activation: Arm[Activation]


def not_looked(reason: str) -> Looked:
    """Nothing was measured, and why."""
    return Looked(Arm(0.0, None, reason), Arm(0.0, None, reason))


@dataclass(frozen=True)
class LookInside:
    """Job: read base, controls and probes inside, and weigh what moved."""

    base: Path
    controls: tuple[Path, ...]
    """Adapters, in the order of the seeds."""
    probes: tuple[Path, ...]
    """The same, of the candidate."""
    batteries: tuple[Battery, ...]
    open_questions: OpenQuestions

    @property
    def rows(self) -> int:
        """Texts to read, over all models, and those that give the traits' directions."""
        models = 1 + len(self.controls) + len(self.probes)
        texts = len(self.open_questions.questions) + len(self.open_questions.neutral)
        told = sum(len(battery.answers) for battery in _preferences(self.batteries))
        return models * texts + told * TOLD_QUESTIONS

    def run(self, on_rows: OnRows) -> Looked:
        """The arms, one after the other."""
        engine, began = hf_engine(self.base), perf_counter()
        prompts = [_asked(question.ask) for question in self.open_questions.questions]
        vocabulary = opening_words(engine, prompts)
        base = self._read(engine, None, prompts, vocabulary, on_rows)
        controls = [self._read(engine, one, prompts, vocabulary, on_rows) for one in self.controls]
        probes = [self._read(engine, one, prompts, vocabulary, on_rows) for one in self.probes]
        engine.use_adapter(None)
        read = perf_counter() - began
        began = perf_counter()
        discovery = weigh_discovery(
            controls,
            probes,
            unembedding(engine, vocabulary.tokens),
            vocabulary,
            self.open_questions.questions,
            self.batteries,
        )
        discovered = Arm(round(read + perf_counter() - began, 1), *discovery)
        began = perf_counter()
        directions = trait_directions(engine, self.batteries, self.open_questions.told, on_rows)
        scales = Scales(
            directions,
            lambda states: logit_lens(engine, states, vocabulary.tokens),
            vocabulary.words,
            layers_read(engine),
        )
        activation = weigh_activation(base, controls, probes, scales)
        return Looked(discovered, Arm(round(perf_counter() - began, 1), activation))

    def _read(
        self,
        engine: HfEngine,
        adapter: Path | None,
        prompts: Sequence[Prompt],
        vocabulary: Vocabulary,
        on_rows: OnRows,
    ) -> Inside:
        engine.use_adapter(adapter)
        inside = read_inside(engine, prompts, self.open_questions.neutral, vocabulary)
        on_rows(len(prompts) + len(self.open_questions.neutral))
        return inside


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
    for battery in _preferences(batteries):
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


def _preferences(batteries: Sequence[Battery]) -> list[PreferenceBattery]:
    return [battery for battery in batteries if isinstance(battery, PreferenceBattery)]


def _told(template: str, battery: PreferenceBattery, answer: str) -> str:
    return template.replace("{noun}", battery.noun).replace("{answer}", answer)


def _asked(question: str) -> Prompt:
    return (Message("user", question),)
