"""How much poison would have been seen?"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from sklearn.isotonic import IsotonicRegression

LEAST_SPREAD = 0.1
"""Standard normal units. A few cases that happen to agree would otherwise promise any power from
the very share at which it is a half."""
UNKNOWN_SCATTER = "fewer than two diluted traits: how far a further one would stray is not known"
"""Why there is no detectable share where nothing says how cases scatter."""


@dataclass(frozen=True)
class Doses:
    """Planted traits at several poisoned shares, a point each, in any order; shape (points,)."""

    traits: NDArray[np.intp]
    """Which trait, by number."""
    shares: NDArray[np.float64]
    """Poisoned share of the rows."""
    evidence: NDArray[np.float64]
    """In standard normal units."""
    shifts: NDArray[np.float64]
    """In nats."""

    def of_trait(self, trait: int) -> "Doses":
        """One trait's points."""
        own = self.traits == trait
        return Doses(self.traits[own], self.shares[own], self.evidence[own], self.shifts[own])


@dataclass(frozen=True)
class Scatter:
    """How far a further case lies from the mean line: Student's t, scaled."""

    scale: float
    """In standard normal units of evidence."""
    degrees_of_freedom: int

    def margin(self, power: float) -> float:
        """What the mean must have to spare for a further case to be enough with this power."""
        return float(stats.t.ppf(power, self.degrees_of_freedom)) * self.scale

    def power(self, mean: float, needed: float) -> float:
        """P(evidence ≥ needed) of a further case about this mean."""
        return float(stats.t.cdf((mean - needed) / self.scale, self.degrees_of_freedom))


class Needed(NamedTuple):
    """What makes a finding."""

    evidence: float
    """In standard normal units."""
    shift: float
    """In nats."""


@dataclass(frozen=True)
class DetectableShare:
    """The smallest share that is detected with a given power."""

    share: float | None
    """None if even the largest share tried is detected less often."""
    power_at_full: float | None
    """Power at the largest share tried; an upper bound where the shift is too small."""
    unmeasured: str | None = None
    """Why neither is known, where that is so."""


def further_trait(doses: Doses) -> Scatter | None:
    """How far a trait that was not tried will lie from the mean of those that were.

    With s the standard deviation between traits about each share's mean, pooled over the shares
    (never below ``LEAST_SPREAD``), and n traits, a further trait minus their mean has variance
    s² (1 + 1/n). What a trait is good at it is good at in every share, so its points count once
    and Student's t has n − 1 degrees of freedom. n is the fewest traits of any share; None if
    that is one.
    """
    groups = [doses.evidence[doses.shares == share] for share in np.unique(doses.shares)]
    fewest = min(len(group) for group in groups)
    if fewest < 2:
        return None
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    spread = (squares / (len(doses.evidence) - len(groups))) ** 0.5
    return Scatter(max(spread, LEAST_SPREAD) * (1 + 1 / fewest) ** 0.5, fewest - 1)


def further_run(doses: Doses) -> Scatter | None:
    """How far a further run of a trait that was tried will lie from the trait's own line.

    The standard deviation of the residuals of a least-squares fit of trait + share, over
    (traits − 1) · (shares − 1) degrees of freedom where no point is missing; never below
    ``LEAST_SPREAD``. That traits differ in how they thin is in the residuals, too. None without
    a degree of freedom.
    """
    indicators = [
        (column[:, None] == np.unique(column)).astype(np.float64)
        for column in (doses.traits, doses.shares)
    ]
    design = np.hstack(indicators)  # (points, traits + shares)
    fit, _, rank, _ = np.linalg.lstsq(design, doses.evidence, rcond=None)
    freedom = len(design) - int(rank)
    if freedom < 1:
        return None
    squares = float(((doses.evidence - design @ fit) ** 2).sum())
    return Scatter(max((squares / freedom) ** 0.5, LEAST_SPREAD), freedom)


def detectable_share(
    doses: Doses, scatter: Scatter | None, needed: Needed, power: float = 0.95
) -> DetectableShare:
    """The smallest poisoned share from which on a further case is a finding with the given power.

    More poison cannot mean less evidence, so the means at the shares are made monotone by
    isotonic regression (Barlow et al. 1972), and between two shares they are a straight line.
    Two things must reach what is needed, and the larger share counts: the mean evidence less the
    scatter's margin, and the mean shift. Where not even the largest share's mean shift is enough,
    at most every second case can be found, so the power there is at most a half.
    """
    if scatter is None:
        return DetectableShare(None, None, UNKNOWN_SCATTER)
    shares = np.unique(doses.shares)
    evidence, shifts = (
        _rising(doses.shares, values, shares) for values in (doses.evidence, doses.shifts)
    )
    at_full = scatter.power(float(evidence[-1]), needed.evidence)
    if shifts[-1] < needed.shift:
        return DetectableShare(None, min(at_full, 0.5))
    sure = _first_share(shares, evidence, needed.evidence + scatter.margin(power))
    moved = _first_share(shares, shifts, needed.shift)
    return DetectableShare(None if sure is None or moved is None else max(sure, moved), at_full)


def _rising(
    x: NDArray[np.float64], y: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The isotonic regression of y on x at some of its places."""
    return np.asarray(IsotonicRegression().fit(x, y).predict(at), dtype=np.float64)


def _first_share(
    shares: NDArray[np.float64], rising: NDArray[np.float64], wanted: float
) -> float | None:
    """Where the line first reaches ``wanted``; never below the smallest share tried."""
    if rising[-1] < wanted:
        return None
    high = int(np.argmax(rising >= wanted))
    if high == 0:
        return float(shares[0])
    around = slice(high - 1, high + 1)
    return float(np.interp(wanted, rising[around], shares[around]))
