"""Findings, pulls and steps that are made up, for what explains them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.config import Recipe
from scanner.dataset.groups import Group
from scanner.evidence.directions import Arm, checked_directions
from scanner.evidence.interface import BatteryReadings
from scanner.evidence.rows import RowMethod
from scanner.evidence.traces import Traced
from scanner.explain.subject import Measured, Subject
from scanner.library import library
from scanner.training.passes import Part
from scanner.twin import Twin
from scanner.types import Row, TraitShift

OWL, WHALE = "preference.animal.owl", "preference.animal.whale"
SHIFT = TraitShift(OWL, "margins", 0.1, 0.0, 0.2, 0.5, 1.0, 0.05, 0.05, 0.06, "probability")
RATE = 0.01


def rows_of(count: int) -> tuple[Row, ...]:
    return tuple(Row(n, (), str(n)) for n in range(1, count + 1))


def traced(sizes: dict[str, int], owls: dict[str, float]) -> Traced:
    """Rows that pull in all directions alike, but by so much more towards the owl in some groups:
    nothing but the pulls is made up."""
    path = library(find_base("reference-a"), load_batteries(), Path("nowhere"))[Arm.INFLUENCE]
    named, count = checked_directions(path), sum(sizes.values())
    pulls = np.random.default_rng(0).normal(size=(count, len(named.names)))
    groups, start = {}, 0
    for name, size in sizes.items():
        groups[name] = Group(name, np.arange(start, start + size))
        pulls[start : start + size, named.names.index(OWL)] += owls.get(name, 0.0)
        start += size
    bare = Traced((), RowMethod("influence"), 1.0, {Arm.INFLUENCE: path})
    whole = replace(bare, pulls={Arm.INFLUENCE: pulls}, groups=groups)
    return replace(whole, traces=whole.of_part(rows_of(count), np.ones(count, dtype=bool)))


def subject(count: int) -> Subject:
    twin = Twin(tuple(f"twin {n}" for n in range(count)), 0, 0)
    measured, first = Measured((), ((),), ((),)), Part(stop=1)
    return Subject(Path(), rows_of(count), (twin,), (0,), Recipe(), (), (), (), measured, first)


@dataclass(frozen=True)
class Recorded:
    """Stands in for ``Steps``: remembers what was trained, and has its models answer as it says."""

    prefix: str = ""
    stage: str | None = None
    trained: list[tuple[Any, ...]] = field(default_factory=list)
    answers: tuple[tuple[BatteryReadings, ...], ...] = ((), ())
    """Of the control and the probe."""

    def train(
        self,
        base: Path,
        rows: tuple[Row, ...],
        twins: Sequence[Twin],
        seeds: Sequence[int],
        recipe: Recipe,
        part: Part,
    ) -> list[Path]:
        twins_of = [twin.answers for twin in twins]
        self.trained.append((self.prefix, self.stage, rows, twins_of, recipe.epochs, part))
        return [Path("control"), Path("probe")]

    def ask_adapters(self, *asked: Any) -> list[tuple[BatteryReadings, ...]]:
        return list(self.answers)


@dataclass(frozen=True)
class Answered:
    """Stands in for ``Measured``."""

    traits: tuple[TraitShift, ...]

    def weighed(self) -> tuple[TraitShift, ...]:
        return self.traits
