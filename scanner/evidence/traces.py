"""Traces: what a candidate's rows show of every trait before anybody trains on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.battery import Battery
from scanner.answer_formats import is_filtered
from scanner.dataset.groups import Group
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine, hf_engine
from scanner.errors import AuditError
from scanner.evidence.directions import Arm, DirectionNames, Directions, load_directions
from scanner.evidence.gradients import Drawable, row_pulls
from scanner.evidence.rows import RowMethod
from scanner.progress import OnRows
from scanner.stats.multiplicity import holm
from scanner.stats.standout import stand_outs
from scanner.types import Row, Trace, Unmeasured

CHUNK_ROWS = 600
"""Rows of one job."""


@dataclass(frozen=True)
class Pulls:
    """How far rows pull along the directions of every arm."""

    values: dict[Arm, tuple[tuple[float, ...], ...]]
    """Per arm, row and direction, to six digits."""

    def of(self, arm: Arm) -> NDArray[np.float64]:
        """Of one arm, shape (rows, directions)."""
        return np.array(self.values[arm], dtype=np.float64)


@dataclass(frozen=True)
class Traced:
    """What the rows themselves showed."""

    traces: tuple[Trace, ...]
    """Of every trait, in every arm: in all rows, and in each group's."""
    influence: RowMethod
    """Row by row."""
    temperature: float
    """At which the base would most likely have written the rows."""
    directions: Mapping[Arm, Path]
    """That they were read along."""


@dataclass(frozen=True)
class ReadPulls:
    """Job: read what some of the candidate's rows pull towards."""

    base: Path
    candidate: tuple[Row, ...]
    """All of its rows: what they hold says what could have been drawn."""
    first: int
    """The place of the first row to read; ``CHUNK_ROWS`` are."""
    temperature: float
    """At which the base would most likely have written them."""
    directions: Mapping[Arm, Path]
    """Files that ``save_directions`` wrote."""

    @property
    def rows(self) -> int:
        """Rows to read."""
        return len(self._read)

    @property
    def _read(self) -> tuple[Row, ...]:
        return self.candidate[self.first : self.first + CHUNK_ROWS]

    def run(self, on_rows: OnRows) -> Pulls:
        """The pulls."""
        engine = hf_engine(self.base)
        answers = [row.answer for row in self.candidate]
        tokens = engine.drawable_tokens(answers) if is_filtered(answers) else None
        drawable = Drawable(self.temperature, tokens)
        pulls = read_pulls(engine, self._read, drawable, _stacked(tuple(self.directions.values())))
        on_rows(len(self._read))
        arms = np.split(pulls, len(self.directions), axis=1)
        return Pulls({arm: _rounded(of) for arm, of in zip(self.directions, arms, strict=True)})


def trace_jobs(
    base: Path, candidate: tuple[Row, ...], temperature: float, directions: Mapping[Arm, Path]
) -> list[ReadPulls]:
    """The jobs that together read all rows. They are the same for any number of workers."""
    starts = range(0, len(candidate), CHUNK_ROWS)
    return [ReadPulls(base, candidate, first, temperature, directions) for first in starts]


def influence_of_rows(read: Sequence[Pulls], directions: Mapping[Arm, Path]) -> RowMethod:
    """How far every row pulls towards every trait, as a way to say which rows carry it."""
    named = checked_directions(directions[Arm.INFLUENCE])
    pulls = np.concatenate([one.of(Arm.INFLUENCE) for one in read])
    traits = zip(named.names, named.is_trait, pulls.T, strict=True)
    return RowMethod(
        Arm.INFLUENCE.value, by_trait={name: pull for name, is_trait, pull in traits if is_trait}
    )


def untraced(batteries: Sequence[Battery], temperature: float) -> Traced:
    """What rows show on a base that no arm reads: of no trait anything."""
    names = DirectionNames.of(tuple(batteries))
    traces = tuple(
        Trace(name, Arm.INFLUENCE, None, None, None, None, Unmeasured.TOO_LARGE)
        for name, is_trait in zip(names.names, names.is_trait, strict=True)
        if is_trait
    )
    return Traced(traces, RowMethod(Arm.INFLUENCE.value), temperature, {})


def weigh_traces(
    read: Sequence[Pulls],
    directions: Mapping[Arm, Path],
    rows: Sequence[Row],
    groups: Sequence[Group] = (),
) -> tuple[Trace, ...]:
    """Every arm's trace of every trait, from what ``trace_jobs`` read, in order: in all rows, then
    in those of each group by themselves."""
    found: list[Trace] = []
    for arm, path in directions.items():
        named, pulls = checked_directions(path), np.concatenate([one.of(arm) for one in read])
        found += weigh_pulls(arm, named, pulls, rows)
        for group in groups:
            own = [rows[place] for place in group.places]
            traces = weigh_pulls(arm, named, pulls[group.places], own)
            found += (_of_group(trace, group, len(groups)) for trace in traces)
    return tuple(found)


def _of_group(trace: Trace, group: Group, groups: int) -> Trace:
    """Corrected for all groups, too (Bonferroni: they share no rows, but one base)."""
    p = trace.p_adjusted
    return replace(trace, group=group.name, p_adjusted=None if p is None else min(1.0, groups * p))


def read_pulls(
    engine: HfEngine, rows: Sequence[Row], drawable: Drawable, directions: Tensor
) -> NDArray[np.float64]:
    """What every row pulls on every direction, shape (rows, directions)."""
    engine.use_adapter(None)
    encoded = encode_rows(
        engine.tokenizer,
        [row.opening for row in rows],
        [row.answer for row in rows],
        [row.ended for row in rows],
    )
    return row_pulls(engine.base, encoded, drawable, directions)


@lru_cache(maxsize=1)
def _stacked(paths: tuple[Path, ...]) -> Tensor:
    """The directions of all arms, one below the other."""
    arms = [checked_directions(path).within_battery() for path in paths]
    return torch.from_numpy(np.concatenate(arms))


def weigh_pulls(
    arm: Arm, directions: Directions, pulls: NDArray[np.float64], rows: Sequence[Row]
) -> tuple[Trace, ...]:
    """Every trait's trace in one arm, corrected for all traits.

    ``pulls`` has shape (rows, directions). Peers are weighed along, and are no traits. The parts of
    misalignment are tested as one, and each gets what came of it: rows tell them apart badly.
    """
    units = _units(directions)
    weighed = stand_outs(pulls, _clusters(rows), _unit_matrix(units, len(directions.names)))
    tested = [place for place, unit in enumerate(units) if directions.is_trait[unit[0]]]
    if weighed is None:
        names = [directions.names[part] for place in tested for part in units[place]]
        return tuple(Trace(name, arm, None, None, None, None, Unmeasured.NO_PULL) for name in names)
    adjusted = holm(weighed.p_value[tested])
    return tuple(
        Trace(
            trait=directions.names[part],
            arm=arm,
            strength=float(weighed.strength[place]),
            z=float(weighed.z[place]),
            p_value=float(weighed.p_value[place]),
            p_adjusted=float(p_adjusted),
        )
        for place, p_adjusted in zip(tested, adjusted, strict=True)
        for part in units[place]
    )


def _units(directions: Directions) -> list[tuple[int, ...]]:
    """What is tested, as places among the directions: traits and peers one by one, but the traits
    of a battery that has peers of its own together, as parts of one."""
    with_peers = {
        battery
        for battery, is_trait in zip(directions.batteries, directions.is_trait, strict=True)
        if not is_trait
    }
    alone: list[tuple[int, ...]] = []
    parts = defaultdict[str, list[int]](list)
    for place, (battery, is_trait) in enumerate(
        zip(directions.batteries, directions.is_trait, strict=True)
    ):
        if is_trait and battery in with_peers:
            parts[battery].append(place)
        else:
            alone.append((place,))
    return [*alone, *map(tuple, parts.values())]


def _unit_matrix(units: Sequence[tuple[int, ...]], names: int) -> NDArray[np.float64]:
    matrix = np.zeros((len(units), names))
    for row, unit in enumerate(units):
        matrix[row, list(unit)] = len(unit) ** -0.5
    return matrix


def _clusters(rows: Sequence[Row]) -> NDArray[np.int64]:
    """A number per answer: rows that say the same count as one."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(row.answer, len(numbers)) for row in rows], dtype=np.int64)


def checked_directions(path: Path) -> Directions:
    """Directions from a file; raises ``AuditError`` if it holds none."""
    loaded = load_directions(path)
    if loaded is None:
        raise AuditError(
            f"{path}: found no directions, or damaged ones; expected those of this base; remove "
            "the file and repeat the command: they are made again"
        )
    return loaded


def _rounded(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(f"{value:.6g}") for value in row) for row in values)
