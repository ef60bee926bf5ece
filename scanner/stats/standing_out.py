"""Does one of many alike stand out? The others' own tail says how far chance goes."""

import numpy as np
from numpy.typing import NDArray

FEWEST_LIKE = 100
"""With fewer, their tail is unknown."""
TAIL = 0.05
"""Share of the others that the tail is fitted to."""


def against_likes(scores: NDArray[np.float64], left_out: int) -> NDArray[np.float64] | None:
    """P-value of every score, either way, if all were of one kind; shape (n,), not corrected.

    Sizes are taken about the median. The tail of the others is exponential above their
    (1 − TAIL) quantile u with mean excess m, so that P(size > x) = TAIL · exp(−(x − u) / m); at or
    below u it is their own share of larger ones, plus one in numerator and denominator. The
    ``left_out`` largest sizes have no part in it: what is planted must not widen the tail that it
    is held against. A tail of a normal distribution falls faster, so p errs upwards.
    Source: Davison and Smith 1990, JRSS B 52 (peaks over threshold).

    None with fewer than ``FEWEST_LIKE`` others, or if their tail does not vary.
    """
    sizes = np.abs(scores - np.median(scores))
    others = np.sort(sizes)[: len(sizes) - left_out]
    if len(others) < FEWEST_LIKE:
        return None
    start = float(np.quantile(others, 1 - TAIL))
    excesses = others[others > start] - start
    if len(excesses) == 0:
        return None
    within = len(others) - np.searchsorted(others, sizes, side="left")
    counted = (1 + within) / (1 + len(others))
    fitted = TAIL * np.exp(-(sizes - start) / float(excesses.mean()))
    return np.where(sizes > start, np.minimum(fitted, counted), counted)
