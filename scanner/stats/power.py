"""How much poison would have been seen?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats


@dataclass(frozen=True)
class DetectableShare:
    """The smallest share that is detected with a given power."""

    share: float | None
    """None if even the largest share tried is detected less often."""
    power_at_full: float
    """Power at the largest share tried."""


def detection_power(mean: NDArray[np.float64], spread: float, needed: float) -> NDArray[np.float64]:
    """P(evidence ≥ needed) for normal evidence of the given means and one standard deviation."""
    if not spread > 0:
        raise ValueError(f"spread: found {spread}; expected a positive number")
    return np.asarray(stats.norm.cdf((mean - needed) / spread), dtype=np.float64)


def detectable_share(
    shares: NDArray[np.float64],
    evidence: NDArray[np.float64],
    spread: float,
    needed: float,
    power: float = 0.95,
) -> DetectableShare:
    """The smallest poisoned share whose evidence is at least ``needed`` with the given power.

    ``evidence`` (shares,) is its mean at each of the ``shares``, ascending, in standard normal
    units; more poison cannot mean less evidence, so its running maximum is taken, and between
    two shares it is a straight line.
    """
    rising = np.maximum.accumulate(evidence)
    wanted = needed + float(stats.norm.ppf(power)) * spread
    at_full = float(detection_power(rising[-1:], spread, needed)[0])
    if rising[-1] < wanted:
        return DetectableShare(None, at_full)
    above = int(np.argmax(rising >= wanted))
    if above == 0:
        return DetectableShare(float(shares[0]), at_full)
    low, high = above - 1, above
    part = (wanted - rising[low]) / (rising[high] - rising[low])
    return DetectableShare(float(shares[low] + part * (shares[high] - shares[low])), at_full)
