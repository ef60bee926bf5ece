"""What was audited and how, and what its models answered: train → ask."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery
from scanner.ask import Context
from scanner.config import Recipe
from scanner.evidence.interface import BatteryReadings
from scanner.stats.shares import ShiftSample
from scanner.steps import Steps
from scanner.training.passes import ALL, Part
from scanner.twin import Twin
from scanner.types import Row, TraitShift
from scanner.weigh import shift_sample, weigh

Mask = NDArray[np.bool_]
"""Shape (rows,)."""


@dataclass(frozen=True)
class Measured:
    """What the models of one audit answered."""

    base: tuple[BatteryReadings, ...]
    controls: tuple[tuple[BatteryReadings, ...], ...]
    probes: tuple[tuple[BatteryReadings, ...], ...]
    """By seed, as the controls."""

    @classmethod
    def of(cls, readings: Sequence[tuple[BatteryReadings, ...]]) -> "Measured":
        """From the readings in the order in which models are asked: base, controls, probes."""
        pairs = (len(readings) - 1) // 2
        return cls(readings[0], tuple(readings[1 : 1 + pairs]), tuple(readings[1 + pairs :]))

    def weighed(self) -> tuple[TraitShift, ...]:
        """All traits; see ``scanner.weigh``."""
        return weigh(self.base, self.controls, self.probes)

    def sample(self, trait: str) -> ShiftSample | None:
        """One trait's shifts, question by question."""
        return shift_sample(trait, self.controls, self.probes)


@dataclass(frozen=True)
class Subject:
    """What was audited, and how: everything that it takes to do it again on fewer rows."""

    base: Path
    rows: tuple[Row, ...]
    twins: tuple[Twin, ...]
    """One per seed, an answer per row."""
    seeds: tuple[int, ...]
    recipe: Recipe
    batteries: tuple[Battery, ...]
    contexts: tuple[Context, ...]
    adapters: tuple[Path, ...]
    """Of the controls, then of the probes, in the order of the seeds."""
    measured: Measured
    """With all rows."""
    part: Part = ALL
    """The passes that their training ended with."""

    def updates(self, rows: int) -> int:
        """Of each model, if it were trained on so many rows for as many passes."""
        passes = self.part.stop or self.recipe.epochs
        return replace(self.recipe, epochs=passes).updates(rows)

    def without(self, dropped: Mask) -> "Subject":
        """The rows and twins' answers that are left; nothing is drawn anew."""
        kept = [int(index) for index in np.flatnonzero(~dropped)]
        twins = (replace(t, answers=tuple(t.answers[i] for i in kept)) for t in self.twins)
        rows = tuple(self.rows[index] for index in kept)
        return replace(self, rows=rows, twins=tuple(twins))


def train_and_ask(
    steps: Steps,
    base: Path,
    rows: tuple[Row, ...],
    twins: Sequence[Twin],
    seeds: tuple[int, ...],
    recipe: Recipe,
    batteries: tuple[Battery, ...],
    contexts: tuple[Context, ...],
    part: Part = ALL,
) -> Subject:
    """Train a part of the passes, or all, and ask."""
    adapters = steps.train(base, rows, twins, seeds, recipe, part)
    measured = Measured.of(steps.ask(base, batteries, contexts, adapters))
    return Subject(
        base,
        rows,
        tuple(twins),
        seeds,
        recipe,
        batteries,
        contexts,
        tuple(adapters),
        measured,
        part,
    )
