"""The library: the directions of a base, shipped, kept from before, or made now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery
from scanner.bases import Base
from scanner.evidence.directions import (
    SHIPPED,
    Arm,
    Directions,
    directions_id,
    load_directions,
    save_directions,
)
from scanner.evidence.influence import MakeInfluenceDirections
from scanner.executors.interface import Job
from scanner.progress import OnRows
from scanner.training.trait_models import MakeAuthorshipDirections

MAKERS: Mapping[Arm, Callable[[Path, tuple[Battery, ...]], Job[Directions]]] = {
    Arm.INFLUENCE: MakeInfluenceDirections,
    Arm.AUTHORSHIP: MakeAuthorshipDirections,
}


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
        return 0 if load_directions(self.path) is not None else self._maker.rows

    @property
    def _maker(self) -> Job[Directions]:
        return MAKERS[self.arm](self.base, self.batteries)

    def run(self, on_rows: OnRows) -> str:
        """The path."""
        if load_directions(self.path) is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            save_directions(self._maker.run(on_rows), self.path)
        return str(self.path)


def library(base: Base, batteries: tuple[Battery, ...], folder: Path) -> Mapping[Arm, Path]:
    """Where the directions of every arm are or, if they have to be made, are to be.

    Shipped with the package, or else in ``folder``.
    """
    paths = {}
    for arm in MAKERS:
        name = f"{arm}-{directions_id(base.revision, batteries, arm)}.npz"
        shipped = SHIPPED / f"{base.id}-{name}"
        paths[arm] = shipped if shipped.is_file() else folder / "directions" / name
    return paths
