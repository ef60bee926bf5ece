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


def alignments(
    pulls: NDArray[np.float64], clusters: NDArray[np.int64], units: NDArray[np.float64]
) -> Alignment | None:
    """Hold every unit's direction against the mean pull.

    ``pulls`` has shape (rows, axes); ``units``, shape (units, axes), are directions in the same
    axes. ``clusters``, shape (rows,), numbers the rows; those that share a number count as one.
    Both are whitened by the covariance of the rows' pulls, which is Fisher's information along the
    axes, so that noise has no direction. A departure from the base that favours no unit has some
    cosine with each; the spread of all but the ``LEADING`` largest is the null of every one.

    None where nothing is pulled, or rows or units are too few.
    """
    distinct = len(np.unique(clusters))
    if distinct < 2 or len(units) < FEWEST_LIKE + LEADING or not np.ptp(pulls, axis=0).any():
        return None
    whitening = _inverse_root(np.cov(pulls.T))
    directions = units @ whitening
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    whitened = pulls @ whitening
    mean = whitened.mean(axis=0)
    along = directions @ mean
    z = along / _standard_errors(whitened - mean, clusters, distinct, directions)
    cosine = along / np.linalg.norm(mean)
    return Alignment(cosine, z, np.maximum(stats.norm.sf(z), _against_others(cosine)))


def _inverse_root(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    even = RIDGE * np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh(covariance)
    # Rounding leaves the smallest a little below zero.
    root: NDArray[np.float64] = (vectors * (np.maximum(values, 0) + even) ** -0.5) @ vectors.T
    return root


def _standard_errors(
    deviations: NDArray[np.float64],
    clusters: NDArray[np.int64],
    distinct: int,
    directions: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Of the mean along every direction, clusters being the units."""
    sums = clustered_sums(deviations, clusters)
    covariance = sums.T @ sums / len(deviations) ** 2 * distinct / (distinct - 1)
    variances = np.einsum("ua,ab,ub->u", directions, covariance, directions)
    errors: NDArray[np.float64] = np.sqrt(variances)
    return errors


def _against_others(cosine: NDArray[np.float64]) -> NDArray[np.float64]:
    """One-sided p of every cosine, if it were one more of all but the largest (Grubbs' test)."""
    others = np.sort(cosine)[:-LEADING]
    spread = float(np.std(others, ddof=1)) * np.sqrt(1 + 1 / len(others))
    p_value: NDArray[np.float64] = stats.t.sf((cosine - others.mean()) / spread, len(others) - 1)
    return p_value
