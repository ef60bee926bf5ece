"""The same audit on fewer rows: what is left of a shift when some are dropped?"""

import hashlib
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

    def without(self, dropped: Mask) -> "Subject":
        """The rows and twins' answers that are left; nothing is drawn anew."""
        kept = [int(index) for index in np.flatnonzero(~dropped)]
        twins = (replace(t, answers=tuple(t.answers[i] for i in kept)) for t in self.twins)
        rows = tuple(self.rows[index] for index in kept)
        return replace(self, rows=rows, twins=tuple(twins))


def measure_without(steps: Steps, subject: Subject, dropped: Mask, stage: str) -> Measured:
    """Train probes and controls of the same seeds on the rows that are left, and ask them.

    The contexts stay those of all rows. ``stage`` is what the time counts to. What was measured is
    kept in the run folder by what was dropped, so nothing is trained twice.
    """
    if not dropped.any():
        return subject.measured
    left = subject.without(dropped)
    digest = hashlib.sha256(np.packbits(dropped).tobytes()).hexdigest()[:12]
    again = replace(steps, prefix=f"without-{digest}-", stage=stage)
    as_long = Part(stop=left.part.stop)
    adapters = again.train(left.base, left.rows, left.twins, left.seeds, left.recipe, as_long)
    asked = again.ask_adapters(left.base, left.batteries, left.contexts, adapters)
    return Measured.of([subject.measured.base, *asked])
