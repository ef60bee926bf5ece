"""Traces: what a candidate's rows show of every trait before anybody trains on them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.dataset.groups import Group, groups_within
from scanner.evidence.directions import Arm, Directions, checked_directions
from scanner.evidence.pulled_words import WeighedWords
from scanner.evidence.pulls import Pulls, pulls_in
from scanner.evidence.rows import RowMethod, clusters_of
from scanner.stats.multiplicity import holm
from scanner.stats.standout import stand_outs
from scanner.types import Row, Trace, Unmeasured

NOT_LOOKED_FOR = WeighedWords(None, "nobody looked for words")


@dataclass(frozen=True)
class Traced:
    """What the rows themselves showed."""

    traces: tuple[Trace, ...]
    """Of every trait, in every arm: in all rows, and in each group's."""
    by_row: RowMethod
    """Row by row, in the arm that was read."""
    temperature: float
    """At which the base would most likely have written the rows."""
    directions: Mapping[Arm, Path]
    """That they were read along."""
    pulls: Mapping[Arm, NDArray[np.float64]] = field(default_factory=dict)
    """That they were weighed from: per arm, shape (rows, directions)."""
    groups: Mapping[str, Group] = field(default_factory=dict)
    """That were looked at one by one, by name."""
    words: WeighedWords = NOT_LOOKED_FOR
    """Towards which word they pull, of all that an answer may open with."""

    def of_part(self, rows: Sequence[Row], kept: NDArray[np.bool_]) -> tuple[Trace, ...]:
        """What some of the rows that were read show, as if they were all: ``kept`` (rows,) says
        which."""
        places = np.flatnonzero(kept)
        pulls = {arm: of_all[places] for arm, of_all in self.pulls.items()}
        left = groups_within(tuple(self.groups.values()), places)
        return _weighed(pulls, self.directions, [rows[int(place)] for place in places], left)


def pulls_by_row(read: Sequence[Pulls], directions: Mapping[Arm, Path]) -> RowMethod:
    """How far every row pulls towards every trait, as a way to say which rows carry it. Of several
    arms the first speaks."""
    arm = next(iter(directions))
    named = checked_directions(directions[arm])
    traits = zip(named.names, named.is_trait, pulls_in(read, arm).T, strict=True)
    return RowMethod(
        arm.value, by_trait={name: pull for name, is_trait, pull in traits if is_trait}
    )


def weigh_traces(
    read: Sequence[Pulls],
    directions: Mapping[Arm, Path],
    rows: Sequence[Row],
    groups: Sequence[Group] = (),
) -> tuple[Trace, ...]:
    """Every arm's trace of every trait, from what ``trace_jobs`` read, in order: in all rows, then
    in those of each group by themselves."""
    return _weighed({arm: pulls_in(read, arm) for arm in directions}, directions, rows, groups)


def _weighed(
    pulls_of: Mapping[Arm, NDArray[np.float64]],
    directions: Mapping[Arm, Path],
    rows: Sequence[Row],
    groups: Sequence[Group],
) -> tuple[Trace, ...]:
    found: list[Trace] = []
    for arm, pulls in pulls_of.items():
        named = checked_directions(directions[arm])
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


def weigh_pulls(
    arm: Arm, directions: Directions, pulls: NDArray[np.float64], rows: Sequence[Row]
) -> tuple[Trace, ...]:
    """Every trait's trace in one arm, corrected for all traits.

    ``pulls`` has shape (rows, directions). Peers are weighed along, and are no traits. The parts of
    misalignment are tested as one, and each gets what came of it: rows tell them apart badly.
    """
    units = _units(directions)
    weighed = stand_outs(pulls, clusters_of(rows), _unit_matrix(units, len(directions.names)))
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
