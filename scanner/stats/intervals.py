"""Intervals of a mean shift."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.stats.outlier import Drift


@dataclass(frozen=True)
class Interval:
    """A two-sided interval."""

    low: float
    high: float


def shift_interval(
    shifts: NDArray[np.float64], drift: Drift, confidence: float = 0.95
) -> Interval | None:
    """Interval of a trait's mean shift, questions as blocks and runs as units.

    ``shifts`` (seeds, questions) are probe − control in nats. The questions' part is the
    variance of the seed-averaged question shifts (ddof=1) over their number; the runs' part is
    the drift. The quantile is Student's with the drift's degrees of freedom. None with fewer
    than two questions.
    """
    per_question = shifts.mean(axis=0)  # (questions,)
    if len(per_question) < 2:
        return None
    variance = float(np.var(per_question, ddof=1)) / len(per_question) + drift.of_mean_shift**2
    reach = float(stats.t.ppf(0.5 + confidence / 2, drift.degrees_of_freedom)) * variance**0.5
    mean = float(per_question.mean())
    return Interval(mean - reach, mean + reach)


def binomial_interval(hits: int, trials: int, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval of a rate; (0, 1) without trials."""
    if trials == 0:
        return Interval(0.0, 1.0)
    interval = stats.binomtest(hits, trials).proportion_ci(confidence, method="exact")
    return Interval(float(interval.low), float(interval.high))


def mean_interval(values: NDArray[np.float64], confidence: float = 0.95) -> Interval | None:
    """Student's interval of a mean, the values (n,) as units (ddof=1); None with fewer than two."""
    if len(values) < 2:
        return None
    error = float(np.std(values, ddof=1)) / len(values) ** 0.5
    reach = float(stats.t.ppf(0.5 + confidence / 2, len(values) - 1)) * error
    mean = float(np.mean(values))
    return Interval(mean - reach, mean + reach)
