"""Directions: which way every trait lies in the weights of a base, or in its states.

A candidate's rows pull the base somewhere; an arm asks which trait lies that way. The
directions belong to a base and its batteries, not to a candidate, so they are made once and kept:
those of the reference bases are shipped.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from scanner.errors import AuditError
from scanner.files import write_atomic

SHIPPED = Path(__file__).with_name("directions")
"""Directions of the reference bases."""
PROCEDURE = 2
"""Raised whenever a change of the code alters the directions."""


class Arm(StrEnum):
    """The arms that read a candidate's rows without training on them."""

    INFLUENCE = "influence"
    """Directions are gradients of each trait's margin at the base, by its weights."""
    STATES = "states"
    """The same by the base's states, layer by layer: of bases too wide for the first."""
    AUTHORSHIP = "authorship"
    """Directions are what a minute of training on the trait itself changes. Beside influence it
    found nothing more, raised one false alarm more and took as long again (METHOD.md): benches
    read it, audits do not."""


@dataclass(frozen=True)
class Directions:
    """One direction per trait (and per peer that some batteries weigh their traits against).

    Of weights only the sign of every change is kept. It is what Adam, which students and teachers
    are trained with, makes of a gradient at first, and it named the planted trait as well as the
    whole change did, in a thirty-second of the room.
    """

    names: tuple[str, ...]
    """Trait ids, and peers' names."""
    is_trait: tuple[bool, ...]
    batteries: tuple[str, ...]
    """The battery that each is of."""
    values: NDArray[np.int8] | NDArray[np.float32]
    """Shape (names, size): of weights -1, 0 or 1, in the order of ``gradients.linear_layers``; of
    states as they are, layer by layer."""

    def within_battery(self) -> NDArray[np.float32]:
        """Shape (names, size): ``centred``, at length 1."""
        centred = self.centred()
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        np.divide(centred, lengths, out=centred, where=lengths > 0)
        return centred

    def centred(self) -> NDArray[np.float32]:
        """Shape (names, size): each less the mean of its battery.

        What all traits of a battery share (a model that has been asked for favourites) is no
        evidence of one of them.
        """
        centred = self.values.astype(np.float32)
        for battery in set(self.batteries):
            own = [place for place, name in enumerate(self.batteries) if name == battery]
            centred[own] -= centred[own].mean(axis=0)
        return centred


@dataclass(frozen=True)
class DirectionNames:
    """What the directions of some batteries are called, in order."""

    names: tuple[str, ...]
    is_trait: tuple[bool, ...]
    batteries: tuple[str, ...]

    @classmethod
    def of(cls, batteries: Sequence[Battery]) -> "DirectionNames":
        """Every trait and peer, battery by battery."""
        listed = [
            (name, is_trait, battery.id)
            for battery in batteries
            for name, is_trait in _named(battery)
        ]
        names, is_trait, of = zip(*listed, strict=True)
        return cls(names, is_trait, of)


def _named(battery: Battery) -> list[tuple[str, bool]]:
    if isinstance(battery, PreferenceBattery):
        return [(trait, True) for trait in battery.traits]
    return [(contrast.name, contrast.is_trait) for contrast in battery.contrasts]


def directions_id(base_revision: str, batteries: Sequence[Battery], arm: Arm) -> str:
    """Names a file of directions: 16 hex digits over everything that decides them."""
    described = {
        "base": base_revision,
        "batteries": {battery.id: battery.sha256 for battery in batteries},
        "arm": arm.value,
        "procedure": PROCEDURE,
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]


def save_directions(directions: Directions, path: Path) -> None:
    """Write directions; signs take two bits before compression."""
    content = BytesIO()
    values = directions.values
    np.savez_compressed(
        content,
        names=np.array(directions.names),
        is_trait=np.array(directions.is_trait),
        batteries=np.array(directions.batteries),
        **(_packed(values.astype(np.int8)) if values.dtype == np.int8 else {"values": values}),
    )
    write_atomic(content.getvalue(), path)


def _packed(signs: NDArray[np.int8]) -> dict[str, NDArray[Any]]:
    return {
        "weights": np.array(signs.shape[1]),
        "positive": np.packbits(signs > 0, axis=1),
        "negative": np.packbits(signs < 0, axis=1) if (signs == 0).any() else np.array([]),
    }


def _unpacked(stored: Mapping[str, NDArray[Any]]) -> NDArray[np.int8]:
    weights, negative = int(stored["weights"]), stored["negative"]
    positive = np.unpackbits(stored["positive"], axis=1, count=weights).astype(np.int8)
    if not negative.size:
        return 2 * positive - 1
    lowered = np.unpackbits(negative, axis=1, count=weights).astype(np.int8)
    signs: NDArray[np.int8] = positive - lowered
    return signs


def load_directions(path: Path) -> Directions | None:
    """Read directions back; None if there are none, or if the file is damaged."""
    try:
        with np.load(BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            return Directions(
                tuple(map(str, stored["names"])),
                tuple(map(bool, stored["is_trait"])),
                tuple(map(str, stored["batteries"])),
                stored["values"] if "values" in stored else _unpacked(stored),
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None


def checked_directions(path: Path) -> Directions:
    """Directions from a file; raises ``AuditError`` if it holds none."""
    loaded = load_directions(path)
    if loaded is None:
        raise AuditError(
            f"{path}: found no directions, or damaged ones; expected those of this base; remove "
            "the file and repeat the command: they are made again"
        )
    return loaded
