"""Curves: effects, dose curves and drift over studied cases."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.calibration.cases import TeacherKind
from scanner.calibration.certificate import (
    CaseOutcome,
    DoseCurve,
    DosePoint,
    Effect,
    Matrix,
    TraitDrift,
)
from scanner.calibration.outcomes import is_full_strength, is_planted
from scanner.calibration.students import StudiedCase
from scanner.stats.intervals import mean_interval
from scanner.stats.power import DetectableShare, detectable_share

ItemT = TypeVar("ItemT")
KeyT = TypeVar("KeyT", bound=Hashable)

MOST_EVIDENCE = 12.0
"""Standard normal units; farther out p-values are too small to be told apart."""


class Scored(NamedTuple):
    """A studied case beside what an audit would have said of it."""

    studied: StudiedCase
    outcome: CaseOutcome


def needed_evidence(threshold: float, traits: int) -> float:
    """What a single planted trait must show, in standard normal units.

    The smallest of ``traits`` p-values is multiplied by their number (Holm's first step), so it
    is a finding from z = Φ⁻¹(1 − threshold / traits) on.
    """
    return float(stats.norm.isf(threshold / traits))


def evidence(scored: Scored) -> float:
    """The planted trait's p-value as a standard normal quantile; the strongest where several
    would do; 0 where it was not measured."""
    p_values = [
        trait.p_value
        for trait in scored.studied.shifts()
        if trait.p_value is not None and is_planted(trait.trait, scored.studied.case)
    ]
    z = stats.norm.isf(min(p_values)) if p_values else 0.0
    return float(np.clip(z, -MOST_EVIDENCE, MOST_EVIDENCE))


def dose_curves(cases: Sequence[Scored], needed: float) -> tuple[DoseCurve, ...]:
    """One curve per channel that has cases at several shares of one planted trait."""
    curves = []
    for channel, of_channel in _by(_diluted(cases), lambda one: one.studied.case.channel).items():
        by_share = _by(of_channel, lambda one: one.studied.case.share)
        shares = sorted(by_share)
        found = _channel_share(by_share, needed)
        points = tuple(_dose_point(share, by_share[share]) for share in shares)
        rows = max(one.studied.rows for one in of_channel)
        curves.append(DoseCurve(channel, rows, points, found.share, found.power_at_full))
    return tuple(curves)


def effects(
    cases: Sequence[Scored], curves: Sequence[DoseCurve], needed: float
) -> tuple[Effect, ...]:
    """Every planted trait at full strength, per channel."""
    full = [one for one in cases if is_full_strength(one.studied.case)]
    keyed = _by(full, lambda one: (one.outcome.planted[0], one.studied.case.channel))
    by_channel = {curve.channel: curve for curve in curves}
    return tuple(
        _effect(trait, same, by_channel.get(channel), needed)
        for (trait, channel), same in keyed.items()
    )


def drift(cases: Sequence[StudiedCase]) -> tuple[TraitDrift, ...]:
    """The distribution of every trait's shift over benign cases."""
    shifts: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        if case.case.benign:
            for trait in case.shifts():
                shifts[trait.trait].append(trait.shift)
    return tuple(
        TraitDrift(
            trait,
            len(values),
            round(float(np.mean(values)), 4),
            round(float(np.std(values, ddof=1)), 4),
            round(min(values), 4),
            round(max(values), 4),
        )
        for trait, values in shifts.items()
        if len(values) > 1
    )


def matrices(cases: Sequence[StudiedCase]) -> tuple[Matrix, ...]:
    """Students by traits, for every category with at least two full-strength students."""
    planted = [
        case
        for case in cases
        if case.case.teacher.kind is TeacherKind.FINE_TUNED
        and is_full_strength(case.case)
        and case.case.channel == "numbers"
    ]
    by_category = _by(planted, lambda case: (case.case.teacher.trait or "").rpartition(".")[0])
    return tuple(_matrix(category, same) for category, same in by_category.items() if len(same) > 1)


def _diluted(cases: Sequence[Scored]) -> list[Scored]:
    """The cases of every planted trait and channel that was also tried diluted."""

    def key(one: Scored) -> tuple[object, ...]:
        case = one.studied.case
        return (case.group, case.teacher, case.channel, case.rows, case.temperature, case.seed)

    by_setting = _by([one for one in cases if one.outcome.planted], key)
    return [one for same in by_setting.values() if len(same) > 1 for one in same]


def _channel_share(by_share: dict[float, list[Scored]], needed: float) -> DetectableShare:
    """Spread is pooled over the shares: cases about the mean of their share (ddof=1 each)."""
    shares = sorted(by_share)
    values = [np.array([evidence(one) for one in by_share[share]]) for share in shares]
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in values)
    freedom = sum(len(group) - 1 for group in values)
    spread = max((squares / freedom) ** 0.5 if freedom else 1.0, 0.1)
    means = np.array([group.mean() for group in values])
    return detectable_share(np.array(shares), means, spread, needed)


def _dose_point(share: float, cases: Sequence[Scored]) -> DosePoint:
    shifts = _planted_shifts(cases)
    interval = mean_interval(shifts)
    return DosePoint(
        share=share,
        cases=len(cases),
        found=sum(one.outcome.found for one in cases),
        shift=float(shifts.mean()),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        evidence=float(np.mean([evidence(one) for one in cases])),
    )


def _effect(trait: str, cases: Sequence[Scored], curve: DoseCurve | None, needed: float) -> Effect:
    shifts = _planted_shifts(cases)
    interval = mean_interval(shifts)
    return Effect(
        trait=trait,
        channel=cases[0].studied.case.channel,
        cases=len(cases),
        shift=float(shifts.mean()),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        first=sum(_is_first(one) for one in cases),
        found=sum(one.outcome.found for one in cases),
        detectable_share=_trait_share(cases, curve, needed),
    )


def _trait_share(cases: Sequence[Scored], curve: DoseCurve | None, needed: float) -> float | None:
    """A trait's own strength, thinned as its channel's dose curve thins.

    Its evidence at full strength, times the channel's evidence at a share over that at full
    strength, with a spread of one standard normal unit.
    """
    if curve is None or curve.points[-1].evidence <= 0:
        return None
    own = float(np.mean([evidence(one) for one in cases]))
    thinned = np.array([point.evidence for point in curve.points]) / curve.points[-1].evidence
    shares = np.array([point.share for point in curve.points])
    return detectable_share(shares, own * thinned, 1.0, needed).share


def _is_first(one: Scored) -> bool:
    """Whether a planted trait is the largest shift of its own category."""
    shifts = one.studied.shifts()
    planted = [trait for trait in shifts if is_planted(trait.trait, one.studied.case)]
    if not planted:
        return False
    best = max(planted, key=lambda trait: trait.shift)
    category = best.trait.rpartition(".")[0]
    return all(best.shift >= t.shift for t in shifts if t.trait.rpartition(".")[0] == category)


def _planted_shifts(cases: Sequence[Scored]) -> NDArray[np.float64]:
    found = [one.outcome.planted_shift for one in cases if one.outcome.planted_shift is not None]
    return np.array(found, dtype=np.float64)


def _matrix(category: str, cases: Sequence[StudiedCase]) -> Matrix:
    rows = [
        [trait for trait in case.shifts() if trait.trait.rpartition(".")[0] == category]
        for case in cases
    ]
    return Matrix(
        category,
        tuple(trait.trait for trait in rows[0]),
        tuple(case.case.teacher.trait or "" for case in cases),
        tuple(tuple(round(trait.shift, 3) for trait in row) for row in rows),
    )


def _by(items: Sequence[ItemT], key: Callable[[ItemT], KeyT]) -> dict[KeyT, list[ItemT]]:
    """Items grouped by a key, in the order the keys first appear."""
    groups: dict[KeyT, list[ItemT]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)
