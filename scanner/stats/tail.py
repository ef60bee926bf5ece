"""Where does the far tail of a few hundred scores lie?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_SCORES = 50
"""With fewer, a fifth of them says nothing about one in a hundred."""


@dataclass(frozen=True)
class TailThreshold:
    """A score that few exceed."""

    value: float
    start: float
    """Above here the tail was fitted."""
    mean_excess: float
    """Of the scores above ``start``."""
    fitted: int
    """How many scores those are."""


def tail_threshold(
    scores: NDArray[np.float64], rate: float, fitted_share: float = 0.2
) -> TailThreshold | None:
    """The score that a share ``rate`` of further scores exceeds.

    Peaks over threshold with an exponential tail: with u the (1 − fitted_share) quantile and m the
    mean excess of the scores above it, P(score > x) = fitted_share · exp(−(x − u) / m), solved
    for ``rate``. For −log10 of a p-value that is valid the tail is exponential by itself, with
    m = 1 / ln 10. Source: Davison and Smith 1990, JRSS B 52.

    ``scores`` has shape (n,), of either sign, higher is more extreme; adding a constant to all of
    them adds it to the answer. None with fewer than ``FEWEST_SCORES``, or
    if so many are tied at u that no more than ``rate`` of them exceed it: the answer would lie
    below u, where nothing was fitted. Raises ``ValueError`` unless 0 < rate < fitted_share < 1.
    """
    if not 0 < rate < fitted_share < 1:
        raise ValueError(f"rate {rate} and fitted_share {fitted_share}: expected 0 < rate < share")
    if len(scores) < FEWEST_SCORES:
        return None
    start = float(np.quantile(scores, 1 - fitted_share))
    excesses = scores[scores > start] - start
    share = len(excesses) / len(scores)  # ties make it smaller than fitted_share
    if share <= rate:
        return None
    mean = float(excesses.mean())
    return TailThreshold(start + mean * float(np.log(share / rate)), start, mean, len(excesses))
