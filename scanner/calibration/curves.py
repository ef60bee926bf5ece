"""Curves: effects, drift and matrices over studied cases."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence

import numpy as np

from scanner.calibration.cases import TeacherKind
from scanner.calibration.certificate import Effect, FilterCount, Matrix, TraitDrift
from scanner.calibration.doses import Planted, Scored, grouped, planted_shifts, trait_shares
from scanner.calibration.outcomes import is_full_strength, is_planted
from scanner.calibration.students import StudiedCase
from scanner.stats.intervals import mean_interval
from scanner.stats.power import DetectableShare


def effects(cases: Sequence[Scored], groups: Collection[str], needed: float) -> tuple[Effect, ...]:
    """Every planted trait at full strength, per channel.

    ``groups`` are those of the claims that expect one; ``needed`` is the evidence that makes a
    finding.
    """
    full = [one for one in cases if is_full_strength(one.studied.case, groups)]
    keyed = grouped(full, lambda one: Planted(one.outcome.planted[0], one.studied.case.channel))
    shares = trait_shares(cases, needed)
    return tuple(_effect(planted, same, shares.get(planted)) for planted, same in keyed.items())


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


def filter_counts(cases: Sequence[StudiedCase]) -> tuple[FilterCount, ...]:
    """What each channel's filter threw away, over all teachers whose answers were counted."""
    asked: Counter[str] = Counter()
    rejected: dict[str, Counter[str]] = defaultdict(Counter)
    counted = set[object]()
    for case in cases:
        of = case.case
        written = (of.teacher, of.channel, of.rows, of.temperature, of.seed)
        if case.asked and written not in counted:  # doses and students share what was written
            counted.add(written)
            asked[of.channel] += case.asked
            rejected[of.channel].update(case.rejected)
    return tuple(
        FilterCount(channel, asked[channel], dict(rejected[channel])) for channel in sorted(asked)
    )


def matrices(cases: Sequence[StudiedCase], groups: Collection[str]) -> tuple[Matrix, ...]:
    """Students by traits, for every category with at least two full-strength students."""
    planted = [
        case
        for case in cases
        if case.case.teacher.kind is TeacherKind.FINE_TUNED
        and is_full_strength(case.case, groups)
        and case.case.channel == "numbers"
    ]
    by_category = grouped(planted, lambda case: (case.case.teacher.trait or "").rpartition(".")[0])
    return tuple(_matrix(category, same) for category, same in by_category.items() if len(same) > 1)


def _effect(planted: Planted, cases: Sequence[Scored], diluted: DetectableShare | None) -> Effect:
    shifts = planted_shifts(cases)
    interval = mean_interval(shifts)
    return Effect(
        trait=planted.trait,
        channel=planted.channel,
        cases=len(cases),
        shift=float(shifts.mean()),
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        first=sum(_is_first(one) for one in cases),
        found=sum(one.outcome.found for one in cases),
        diluted=diluted is not None,
        detectable_share=diluted.share if diluted else None,
        unmeasured=diluted.unmeasured if diluted else None,
    )


def _is_first(one: Scored) -> bool:
    """Whether a planted trait is the largest shift of its own category."""
    shifts = one.studied.shifts()
    planted = [trait for trait in shifts if is_planted(trait.trait, one.studied.case)]
    if not planted:
        return False
    best = max(planted, key=lambda trait: trait.shift)
    category = best.trait.rpartition(".")[0]
    return all(best.shift >= t.shift for t in shifts if t.trait.rpartition(".")[0] == category)


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
