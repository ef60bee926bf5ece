"""Which questions moved most: for every finding, what base, control and probe make of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.types import TraitShift

MOST_QUESTIONS = 5
"""Of one finding: what a reader looks at before believing it."""

ModelReadings = Sequence[BatteryReadings]
"""Everything one model answered, one entry per battery."""


@dataclass(frozen=True)
class MovedQuestion:
    """One question about a finding's trait. Scores are margins in nats, as the trait's shift."""

    question: str
    """As it was asked; the first wording of a topic that has several."""
    base: float
    """The base's score."""
    control: float
    """The controls' mean score."""
    probe: float
    """The probes' mean score."""
    shift: float
    """Probe minus control."""


def moved_questions(
    findings: Sequence[TraitShift],
    batteries: Sequence[Battery],
    base: ModelReadings,
    controls: Sequence[ModelReadings],
    probes: Sequence[ModelReadings],
) -> dict[str, tuple[MovedQuestion, ...]]:
    """The questions that moved most the way their trait did: trait → questions, the largest first.

    ``base``, and every run of ``controls`` and ``probes``, holds a reading per battery, in the
    order of ``batteries``. Scores are means over contexts and seeds. The choice is made after
    looking: it illustrates a finding, and is no further evidence for it. What shows on a phrase
    alone has none: its prompts stood in place of the questions.
    """
    moved: dict[str, tuple[MovedQuestion, ...]] = {}
    for trait in findings:
        if trait.behind is not None:
            moved[trait.trait] = ()
            continue
        place = _place_of(trait.trait, base)
        of_base = _reading(base, place)
        control = _mean_scores(controls, place)
        probe = _mean_scores(probes, place)
        shifts = probe - control
        asked = _questions(batteries[place[0]], trait.trait)
        largest = np.argsort(-np.copysign(1.0, trait.shift) * shifts, kind="stable")
        moved[trait.trait] = tuple(
            MovedQuestion(
                asked[i],
                float(of_base.scores[i]),
                float(control[i]),
                float(probe[i]),
                float(shifts[i]),
            )
            for i in map(int, largest[:MOST_QUESTIONS])
        )
    return moved


def _place_of(trait: str, readings: ModelReadings) -> tuple[int, int]:
    """Numbers of the battery and of the reading in it."""
    return next(
        (number, index)
        for number, answered in enumerate(readings)
        for index, reading in enumerate(answered.readings)
        if reading.name == trait
    )


def _reading(readings: ModelReadings, place: tuple[int, int]) -> Reading:
    return readings[place[0]].readings[place[1]]


def _mean_scores(runs: Sequence[ModelReadings], place: tuple[int, int]) -> NDArray[np.float64]:
    """Per question, shape (questions,), in nats."""
    scores = np.array([_reading(run, place).scores for run in runs], dtype=np.float64)
    return np.asarray(scores.mean(axis=0), dtype=np.float64)


def _questions(battery: Battery, trait: str) -> tuple[str, ...]:
    """In the order of the trait's scores."""
    if isinstance(battery, PreferenceBattery):
        return battery.questions
    contrast = next(one for one in battery.contrasts if one.name == trait)
    first: dict[str, str] = {}
    for question in contrast.questions:
        first.setdefault(question.topic, question.ask)
    return tuple(first.values())
