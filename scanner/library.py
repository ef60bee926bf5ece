"""The library: the directions of a base, shipped, kept from before, or made now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery
from scanner.bases import Base
from scanner.engines.memory import weight_bytes
from scanner.evidence.directions import (
    SHIPPED,
    Arm,
    DirectionNames,
    Directions,
    directions_id,
    load_directions,
    save_directions,
)
from scanner.progress import OnRows

MOST_BY_WEIGHTS = 2_000_000
"""Weights of a base that influence is read on by its weights, counted as if each took two bytes:
with more of them 117 directions of traits and 64 of words would take gigabytes, and what makes
them smaller (projections) loses the trait. Larger bases are read by their states."""


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
        from scanner.engines.loaded import hf_engine
        from scanner.evidence.influence import influence_directions
        from scanner.evidence.states import state_directions
        from scanner.training.trait_models import authorship_directions

        makers = {
            Arm.INFLUENCE: influence_directions,
            Arm.STATES: state_directions,
            Arm.AUTHORSHIP: authorship_directions,
        }
        return makers[self.arm](hf_engine(self.base), self.batteries, on_rows)


def arm_of(base: Base) -> Arm:
    """The arm that audits read a base's rows by: its weights, or a larger one's states."""
    return Arm.INFLUENCE if weight_bytes(base.path) // 2 <= MOST_BY_WEIGHTS else Arm.STATES


def library(
    base: Base,
    batteries: tuple[Battery, ...],
    folder: Path,
    arms: Sequence[Arm] | None = None,
) -> Mapping[Arm, Path]:
    """Where the directions of the arms are or, if they have to be made, are to be: shipped with the
    package, or else in ``folder``. Without ``arms``, of the one that audits read."""
    paths = {}
    for arm in arms or (arm_of(base),):
        name = f"{arm}-{directions_id(base.revision, batteries, arm)}.npz"
        shipped = SHIPPED / f"{base.id}-{name}"
        paths[arm] = shipped if shipped.is_file() else folder / "directions" / name
    return paths
