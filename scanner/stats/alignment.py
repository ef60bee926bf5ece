"""Which of many alike do the rows pull towards?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.stats.standing_out import FEWEST_LIKE
from scanner.stats.standout import clustered_sums

RIDGE = 0.1
"""Added to the covariance of the rows' pulls, as a share of its mean variance. From 0.03 to 0.3
hardly anything changed on the development cases."""
LEADING = 3
"""So many may have been planted together; the others are what each is held against."""


@dataclass(frozen=True)
class Alignment:
    """How far the rows pull towards every unit; all shape (units,)."""

    cosine: NDArray[np.float64]
    """Of the unit's direction with the rows' mean pull, both whitened; -1 to 1."""
    z: NDArray[np.float64]
    """The pull along it in its standard errors over the rows."""
    p_value: NDArray[np.float64]
    """The larger of p over the rows (did the base write them?) and p against the other units (do
    they pull that way more than any departure pulls somewhere?); one-sided, not corrected."""


@dataclass(frozen=True)
class Moments:
    """What alignments need to know of the rows' pulls along some axes."""

    mean: NDArray[np.float64]
    """Shape (axes,)."""
    of_rows: NDArray[np.float64]
    """Covariance over the rows, shape (axes, axes): Fisher's information along the axes."""
    of_mean: NDArray[np.float64]
    """Covariance of the mean, shape (axes, axes)."""


def moments(pulls: NDArray[np.float64], clusters: NDArray[np.int64]) -> Moments | None:
    """Of pulls, shape (rows, axes). ``clusters``, shape (rows,), numbers the rows; those that share
    a number count as one. None where nothing is pulled, or rows are too few."""
    distinct = len(np.unique(clusters))
    if distinct < 2 or not np.ptp(pulls, axis=0).any():
        return None
    mean = pulls.mean(axis=0)
    sums = clustered_sums(pulls - mean, clusters)
    of_mean = sums.T @ sums / len(pulls) ** 2 * distinct / (distinct - 1)
    return Moments(mean, np.cov(pulls.T), of_mean)


def alignments(pulled: Moments, units: NDArray[np.float64]) -> Alignment | None:
    """Hold the direction of every unit, shape (units, axes), against the mean pull.

    Both are whitened by the covariance of the rows' pulls, so that noise has no direction. A
    departure from the base that favours no unit has some cosine with each; the spread of all but
    the ``LEADING`` largest is the null of every one. None with too few units to know it.
    """
    if len(units) < FEWEST_LIKE + LEADING:
        return None
    whitening = _inverse_root(pulled.of_rows)
    directions = units @ whitening
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    along = directions @ (whitening @ pulled.mean)
    of_mean = whitening @ pulled.of_mean @ whitening
    z = along / np.sqrt(np.einsum("ua,ab,ub->u", directions, of_mean, directions))
    cosine = along / np.linalg.norm(whitening @ pulled.mean)
    return Alignment(cosine, z, np.maximum(stats.norm.sf(z), _against_others(cosine)))


def _inverse_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    even = RIDGE * np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh(covariance)
    # Rounding leaves the smallest a little below zero.
    root: NDArray[np.float64] = (vectors * (np.maximum(values, 0) + even) ** -0.5) @ vectors.T
    return root


def _against_others(cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    """One-sided p of every cosine, if it were one more of all but the largest (Grubbs' test)."""
    others = np.sort(cosine)[:-LEADING]
    spread = float(np.std(others, ddof=1)) * np.sqrt(1 + 1 / len(others))
    p_value: NDArray[np.float64] = stats.t.sf((cosine - others.mean()) / spread, len(others) - 1)
    return p_value
