"""The library: the directions of a base, shipped, kept from before, or made now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery
from scanner.bases import Base
from scanner.engines.memory import SMALL, weight_bytes
from scanner.evidence.directions import (
    READ,
    SHIPPED,
    Arm,
    DirectionNames,
    Directions,
    directions_id,
    load_directions,
    save_directions,
)
from scanner.progress import OnRows

MOST_WEIGHTS = 50_000_000
"""Of a base that authorship is read on: every weight of a trait model's layers is trained, so that
no random choice of LoRA's is part of the direction. For larger bases influence stands alone."""
MOST_TRACED = SMALL
"""Weights of a base that rows are traced on. It is done on the CPU, where larger ones would take
days while a GPU trains them in minutes; and no certificate was made with their traces yet."""


@dataclass(frozen=True)
class FillLibrary:
    """Job: make the directions of one arm, unless they are there."""

    arm: Arm
    base: Path
    batteries: tuple[Battery, ...]
    path: Path
    """Where they are to be."""

    @property
    def rows(self) -> int:
        """Directions to make."""
        if load_directions(self.path) is not None:
            return 0
        return len(DirectionNames.of(self.batteries).names)

    def run(self, on_rows: OnRows) -> str:
        """The path."""
        if load_directions(self.path) is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_directions(self._made(on_rows), self.path)
        return str(self.path)

    def _made(self, on_rows: OnRows) -> Directions:
        from scanner.engines.loaded import cpu_engine
        from scanner.evidence.influence import influence_directions
        from scanner.training.trait_models import authorship_directions

        make = influence_directions if self.arm is Arm.INFLUENCE else authorship_directions
        return make(cpu_engine(self.base), self.batteries, on_rows)


def arms_for(weights: int, wanted: Sequence[Arm] = READ) -> tuple[Arm, ...]:
    """Of the arms that are wanted, those that a base of so many weights is read with."""
    if weights > MOST_TRACED:
        return ()
    small = weights <= MOST_WEIGHTS
    return tuple(arm for arm in wanted if small or arm is Arm.INFLUENCE)


def _weights(base: Path) -> int:
    """By the size of its files, two bytes each: never fewer than there are."""
    return weight_bytes(base) // 2


def library(
    base: Base, batteries: tuple[Battery, ...], folder: Path, wanted: Sequence[Arm] = READ
) -> Mapping[Arm, Path]:
    """Where the directions of every wanted arm are or, if they have to be made, are to be.

    Shipped with the package, or else in ``folder``. Large bases have fewer arms, or none.
    """
    paths = {}
    for arm in arms_for(_weights(base.path), wanted):
        name = f"{arm}-{directions_id(base.revision, batteries, arm)}.npz"
        shipped = SHIPPED / f"{base.id}-{name}"
        paths[arm] = shipped if shipped.is_file() else folder / "directions" / name
    return paths
