"""Which trait do the rows pull towards, and does it stand out from all the others?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from scanner.stats.outlier import within_category

SHRINKAGE = 0.4
"""How far the spread of strangers' pulls is drawn towards an even one. From 0.2 to 0.5 hardly
anything changed on the development cases."""


@dataclass(frozen=True)
class StandOut:
    """Every unit's pull, on two scales and with the larger of two p-values; all shape (units,)."""

    strength: NDArray[np.float64]
    """In standard deviations of what rows by teachers of the other traits pull on this one."""
    z: NDArray[np.float64]
    """In its standard errors over the rows."""
    p_value: NDArray[np.float64]
    """The larger of p over the rows (did this base write them?) and p against the other traits
    (is it this trait they were written with?); one-sided."""


def stand_outs(
    pulls: NDArray[np.float64], clusters: NDArray[np.int64], units: NDArray[np.float64]
) -> StandOut | None:
    """Weigh the pulls of rows, shape (rows, traits), against the rows' spread and one another.

    ``units``, shape (units, traits), says what is tested: a trait by itself is a row with a single
    1, traits that are parts of one share a row of length 1.

    ``clusters`` numbers the rows, shape (rows,); rows that repeat one another share a number and
    count as one. Any departure from the base pulls a little on every trait, so a trait must stand
    out from the others, too. They are made comparable first: ``whitening`` undoes what teachers of
    the other traits would do to each of them.

    None where nothing is pulled, or too few rows or units vary to say anything.
    """
    distinct = len(np.unique(clusters))
    if distinct < 2 or not np.ptp(pulls, axis=0).all():
        return None
    whitened = pulls @ whitening(np.cov(pulls.T)).T @ units.T
    mean = whitened.mean(axis=0)
    z = mean / _standard_errors(whitened - mean, clusters, distinct)
    beyond_peers = within_category(mean)
    if beyond_peers is None:
        return None
    spread = float(np.std(mean, ddof=1))
    return StandOut(mean / spread, z, np.maximum(beyond_peers, stats.norm.sf(z)))


def whitening(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """The symmetric matrix that makes strangers' pulls even, shape (traits, traits).

    ``covariance`` is that of the rows' pulls, which is Fisher's information along the directions:
    its row i is what rows by a small step along direction i pull on all of them. Each row, at
    length 1 and without its own entry, is one stranger; the inverse root of their second
    moments evens out what strangers do.
    """
    lengths = np.linalg.norm(covariance, axis=1, keepdims=True)
    strangers = covariance / lengths
    np.fill_diagonal(strangers, 0.0)
    moments = strangers.T @ strangers
    even = np.trace(moments) / len(moments)
    values, vectors = np.linalg.eigh(
        (1 - SHRINKAGE) * moments + SHRINKAGE * even * np.eye(len(moments))
    )
    root: NDArray[np.float64] = (vectors * values**-0.5) @ vectors.T
    return root


def _standard_errors(
    deviations: NDArray[np.float64], clusters: NDArray[np.int64], distinct: int
) -> NDArray[np.float64]:
    """Of the mean over all rows, with clusters as units, shape (traits,)."""
    variance = (clustered_sums(deviations, clusters) ** 2).sum(axis=0) / len(deviations) ** 2
    errors: NDArray[np.float64] = np.sqrt(variance * distinct / (distinct - 1))
    return errors


def clustered_sums(values: NDArray[np.float64], clusters: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sums of the rows of one cluster, shape (clusters, columns)."""
    distinct, place = np.unique(clusters, return_inverse=True)
    sums = np.zeros((len(distinct), values.shape[1]))
    np.add.at(sums, place, values)
    return sums
