"""What share of a shift remains, or was taken away, when rows are dropped; with an interval."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.stats.outlier import Drift


@dataclass(frozen=True)
class ShiftSample:
    """One trait's shift as it was measured."""

    shifts: NDArray[np.float64]
    """Probe − control, shape (seeds, questions), in nats."""
    drift: Drift
    """How far a mean shift strays when nothing was planted."""

    @property
    def mean(self) -> float:
        """Over seeds and questions, in nats."""
        return float(self.shifts.mean())


@dataclass(frozen=True)
class Share:
    """A share of a shift. It may be negative or above 1: shifts stray."""

    value: float
    low: float
    high: float
    """The ends of its 95% interval."""


def removed_share(before: ShiftSample, after: ShiftSample) -> Share | None:
    """1 − after / before: what dropping rows took of a shift.

    The interval is that of a ratio by the delta method. Questions are blocks: with means a and b
    and v = a/b, a question contributes (a_q − v·b_q)/b. Trainings stray: both drifts enter in full,
    as if the two audits shared nothing, which makes the interval rather too wide than too narrow.
    The quantile is Student's with the degrees of freedom of the drift. None if nothing had shifted
    before, or with fewer than two questions.
    """
    kept = _ratio(after.shifts, after.drift.of_mean_shift**2, before)
    return None if kept is None else Share(1 - kept.value, 1 - kept.high, 1 - kept.low)


def gained_share(before: ShiftSample, one: ShiftSample, other: ShiftSample) -> Share | None:
    """(other − one) / before: by how much dropping for ``one`` took more than for ``other``.

    The interval is that of ``removed_share``; above 0, the first way of dropping is the better one.
    """
    noise = one.drift.of_mean_shift**2 + other.drift.of_mean_shift**2
    return _ratio(other.shifts - one.shifts, noise, before)


def _ratio(
    parts: NDArray[np.float64], noise: float, before: ShiftSample, confidence: float = 0.95
) -> Share | None:
    """Mean of ``parts`` (seeds, questions) over that of ``before``; ``noise`` is the variance
    that their trainings add to their mean."""
    whole, questions = before.mean, before.shifts.shape[1]
    if whole == 0 or questions < 2:
        return None
    value = float(parts.mean()) / whole
    blocks = (parts.mean(axis=0) - value * before.shifts.mean(axis=0)) / whole  # (questions,)
    trainings = (noise + value**2 * before.drift.of_mean_shift**2) / whole**2
    variance = float(np.var(blocks, ddof=1)) / questions + trainings
    quantile = float(stats.t.ppf(0.5 + confidence / 2, before.drift.degrees_of_freedom))
    reach = quantile * variance**0.5
    return Share(value, value - reach, value + reach)
