"""Doses: what dilution does to a channel, and how little poison is still found."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.calibration.certificate import CaseOutcome, DoseCurve, DosePoint
from scanner.calibration.outcomes import is_planted
from scanner.calibration.students import StudiedCase
from scanner.combine import LEAST_SHIFT, uncut_p
from scanner.stats.intervals import mean_interval
from scanner.stats.power import (
    DetectableShare,
    Doses,
    Needed,
    detectable_share,
    further_run,
    further_trait,
)
from scanner.weigh import hypotheses

ItemT = TypeVar("ItemT")
KeyT = TypeVar("KeyT", bound=Hashable)

MOST_EVIDENCE = 12.0
"""Standard normal units; farther out p-values are too small to be told apart."""


class Scored(NamedTuple):
    """A studied case beside what an audit would have said of it."""

    studied: StudiedCase
    outcome: CaseOutcome


class Planted(NamedTuple):
    """A planted trait in a channel."""

    trait: str
    channel: str


def needed_evidence(threshold: float, hypotheses: int) -> float:
    """What a single planted trait must show, in standard normal units.

    A category's smallest p-value is multiplied by the number of ``hypotheses`` (Holm's first step
    and the share of its battery), so it is a finding from z = Φ⁻¹(1 − threshold / hypotheses) on.
    """
    return float(stats.norm.isf(threshold / hypotheses))


def evidence(scored: Scored) -> float:
    """The planted trait's p-value as a standard normal quantile, from 0 to ``MOST_EVIDENCE``.

    Where the case has traces, that of all arms together, as if it were one of a largest
    category's. The strongest where several would do; 0 where it was not measured. A p-value above
    a half is no evidence, and how far above says nothing of what a larger share would show.
    """
    shifts = scored.studied.shifts()
    count = hypotheses(shifts)
    planted = [trait for trait in shifts if is_planted(trait.trait, scored.studied.case)]
    p_values = [
        uncut / max(count.values())
        if trait.traces and (uncut := uncut_p(trait, count)) is not None
        else trait.p_value
        for trait in planted
    ]
    measured = [p for p in p_values if p is not None]
    z = stats.norm.isf(min(1.0, *measured)) if measured else 0.0
    return float(np.clip(z, 0.0, MOST_EVIDENCE))


def dose_curves(cases: Sequence[Scored], needed: float) -> tuple[DoseCurve, ...]:
    """One curve per channel that has cases at several shares of one planted trait.

    ``needed`` is the evidence that makes a finding.
    """
    return tuple(
        _dose_curve(channel, same, needed) for channel, same in _diluted_by_channel(cases).items()
    )


def trait_shares(cases: Sequence[Scored], needed: float) -> Mapping[Planted, DetectableShare]:
    """The detectable share of every planted trait that was itself diluted, per channel."""
    shares = {}
    for channel, of_channel in _diluted_by_channel(cases).items():
        doses, traits = _doses(of_channel)
        run = further_run(doses)
        for number, trait in enumerate(traits):
            shares[Planted(trait, channel)] = detectable_share(
                doses.of_trait(number), run, _needed(of_channel, needed)
            )
    return shares


def planted_shifts(cases: Sequence[Scored]) -> NDArray[np.float64]:
    """Of the planted traits, where they were measured, in nats."""
    found = [one.outcome.planted_shift for one in cases if one.outcome.planted_shift is not None]
    return np.array(found, dtype=np.float64)


def grouped(items: Sequence[ItemT], key: Callable[[ItemT], KeyT]) -> dict[KeyT, list[ItemT]]:
    """Items grouped by a key, in the order the keys first appear."""
    groups: dict[KeyT, list[ItemT]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return dict(groups)


def _diluted_by_channel(cases: Sequence[Scored]) -> dict[str, list[Scored]]:
    """The cases of every planted trait and channel that was tried at several shares.

    Whatever group they are of: a teacher's undiluted rows need not be studied twice.
    """

    def setting(one: Scored) -> tuple[object, ...]:
        case = one.studied.case
        return (case.teacher, case.channel, case.rows, case.temperature, case.recipe)

    by_setting = grouped([one for one in cases if one.outcome.planted], setting)
    several = [same for same in by_setting.values() if len({_share(one) for one in same}) > 1]
    diluted = [one for same in several for one in same]
    return grouped(diluted, lambda one: one.studied.case.channel)


def _share(scored: Scored) -> float:
    return scored.studied.case.share


def _doses(cases: Sequence[Scored]) -> tuple[Doses, list[str]]:
    """One point per trait and share, the mean of its cases, and the traits by number."""
    cells = grouped(cases, lambda one: (one.outcome.planted[0], one.studied.case.share))
    traits = list(dict.fromkeys(trait for trait, _ in cells))
    doses = Doses(
        np.array([traits.index(trait) for trait, _ in cells], dtype=np.intp),
        np.array([share for _, share in cells]),
        np.array([np.mean([evidence(one) for one in same]) for same in cells.values()]),
        np.array([np.abs(planted_shifts(same)).mean() for same in cells.values()]),
    )
    return doses, traits


def _needed(cases: Sequence[Scored], needed: float) -> Needed:
    """Traces make a finding without any shift; behaviour alone does not."""
    traced = all(one.studied.traces for one in cases)
    return Needed(needed, 0.0 if traced else LEAST_SHIFT)


def _dose_curve(channel: str, cases: Sequence[Scored], needed: float) -> DoseCurve:
    doses, _ = _doses(cases)
    found = detectable_share(doses, further_trait(doses), _needed(cases, needed))
    by_share = grouped(cases, lambda one: one.studied.case.share)
    return DoseCurve(
        channel=channel,
        rows=max(one.studied.rows for one in cases),
        points=tuple(_dose_point(share, by_share[share]) for share in sorted(by_share)),
        detectable_share=found.share,
        power_at_full=found.power_at_full,
        unmeasured=found.unmeasured,
    )


def _dose_point(share: float, cases: Sequence[Scored]) -> DosePoint:
    shifts = np.abs(planted_shifts(cases))
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
