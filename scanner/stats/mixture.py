"""How much of a sample is of another kind, known only by what it leans to."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
"""Shape (rows,)."""

LEAST = 50
"""Rows of either sample; of fewer nothing is said."""
MOST = 20_000
"""Rows of either that are looked at, evenly spread."""
CUT = 0.002
"""At these outer quantiles of the null sample values are cut: beyond, it says nothing."""
SHARES = np.linspace(0.0, 1.0, 101)
TILTS = np.linspace(0.05, 4.0, 80)
"""Per standard deviation of the null sample."""
CONFIDENT = 1.92
"""Half the 95% quantile of chi-squared with one degree of freedom: how far the log-likelihood may
fall short of its largest within the interval."""


@dataclass(frozen=True)
class Tilted:
    """A mixture that fits a sample."""

    share: float
    """Of the sample, at the likelihood's peak."""
    at_least: float
    """The lower end of the 95% interval of its profile likelihood. The upper end is worth nothing:
    see ``tilted_share``."""
    tilt: float
    """How much more likely the other kind makes a value by each standard deviation of the null's:
    exp(tilt · value)."""


def tilted_share(sample: Values, null: Values) -> Tilted | None:
    """The share of the sample that was drawn from a tilted null, by maximum likelihood.

    A small step of a model along a direction multiplies the likelihood of a text by exp(tilt ·
    pull), to first order, so rows by a teacher are the null's with that factor, and rows of both
    kinds follow

        p(x) = null(x) · (1 − share + share · exp(tilt · x) / E_null exp(tilt · x)).

    Neither share nor tilt is known: both are fitted. The better the two kinds can be told apart,
    the nearer is the share to the truth; else it errs on the low side, since what looks like the
    null is counted with it. None if either sample is too small or the null does not vary.
    """
    if min(len(sample), len(null)) < LEAST:
        return None
    low, high = np.quantile(null, [CUT, 1 - CUT])
    spread = float(np.clip(null, low, high).std())
    if not spread > 0:
        return None
    x = np.clip(sample[:: -(-len(sample) // MOST)], low, high) / spread
    y = np.clip(null[:: -(-len(null) // MOST)], low, high) / spread
    likelihood = np.array([_log_likelihood(x, y, tilt) for tilt in TILTS])  # (tilts, shares)
    of_share = likelihood.max(axis=0)
    place = int(of_share.argmax())
    lowest = SHARES[of_share >= of_share[place] - CONFIDENT][0]
    tilt = TILTS[likelihood[:, place].argmax()]
    return Tilted(float(SHARES[place]), float(lowest), float(tilt))


def _log_likelihood(x: Values, y: Values, tilt: float) -> Values:
    """Against the null alone, shape (shares,)."""
    lifted = np.exp(tilt * x) / np.exp(tilt * y).mean() - 1.0
    with np.errstate(divide="ignore"):  # all of it, where a row is impossible: minus infinity
        found: Values = np.log1p(SHARES[:, None] * lifted[None, :]).sum(axis=1)
    return found
