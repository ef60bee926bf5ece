"""Does one trait stand out from its peers, and from the drift between controls?"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special


@dataclass(frozen=True)
class TailTest:
    """A one-sided t-test that a value is larger than chance makes it."""

    statistic: float
    degrees_of_freedom: float
    p_value: float


FEWEST_PEERS = 3
"""With fewer, two points or less would set the scale."""


def against_peers(value: float, peers: NDArray[np.float64]) -> TailTest | None:
    """Is ``value`` larger than its peers, if all were drawn from one normal distribution?

    The deleted studentised residual, as in Grubbs' test: with n peers of mean m and standard
    deviation s (ddof=1), t = (value − m) / (s · √(1 + 1/n)) has n − 1 degrees of freedom. A
    category in which everything moved widens s, so general drift is not a finding.

    ``peers`` has shape (n,). None if n is below ``FEWEST_PEERS`` or the peers do not vary.
    """
    count = len(peers)
    if count < FEWEST_PEERS:
        return None
    spread = float(np.std(peers, ddof=1)) * np.sqrt(1 + 1 / count)
    return _tail(value - float(np.mean(peers)), spread, count - 1)


MOST_PLANTED = 5
"""At most one in so many traits of a category can stand out; more is a category that moved."""


def within_category(shifts: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """P-value of each trait against the others of its category, shape (traits,).

    Two planted traits would hide one another if each counted among the other's peers, so the
    test steps outwards, as Rosner's generalised ESD does (1983, Technometrics 25): of the
    ``traits // MOST_PLANTED`` largest shifts, the i-th is tested against the smaller ones only,
    and what stands out takes everything larger along. The traits below are tested against all
    others. With nothing planted, the steps cost next to nothing: over six normal categories
    and Holm, 6,000 simulated families raised 1.1% false alarms at 1% and 5.2% at 5%.

    None where ``against_peers`` is.
    """
    steps = max(1, len(shifts) // MOST_PLANTED)
    order = np.argsort(-shifts, kind="stable")
    smaller = [shifts[order[rank + 1 :]] for rank in range(steps)]
    others = [np.delete(shifts, order[rank]) for rank in range(steps, len(shifts))]
    tests = [
        against_peers(float(shifts[trait]), peers)
        for trait, peers in zip(order, [*smaller, *others], strict=True)
    ]
    p_values = np.array([test.p_value for test in tests if test is not None])
    if len(p_values) < len(shifts):
        return None
    p_values[:steps] = np.minimum.accumulate(p_values[:steps][::-1])[::-1]
    unsorted = np.empty(len(shifts))
    unsorted[order] = p_values
    return unsorted


def against_drift(value: float, drift: "Drift") -> TailTest | None:
    """Is ``value``, a mean of probe − control over the seeds, larger than drift makes it?

    None if the drift is unknown or zero.
    """
    return _tail(value, drift.of_mean_shift, drift.degrees_of_freedom)


@dataclass(frozen=True)
class Drift:
    """How far apart two runs on equally clean data come out."""

    of_one_run: float
    """Standard deviation of one control's level about the controls' mean, in nats."""
    of_mean_shift: float
    """Standard deviation of probe − control, averaged over the seeds, in nats."""
    degrees_of_freedom: int

    def widened(self, factor: float) -> "Drift":
        """The same drift, so many times as wide."""
        return replace(
            self,
            of_one_run=factor * self.of_one_run,
            of_mean_shift=factor * self.of_mean_shift,
        )


def control_drift(controls: NDArray[np.float64]) -> Drift | None:
    """Drift from controls that differ in seed and in the draw of their twin.

    ``controls`` (seeds, traits) are levels in nats. The variance over seeds (ddof=1) is pooled
    over the traits of the category; margins of a category sum to zero, which costs one degree of
    freedom per difference of seeds. The probes of an audit share one candidate, so what is
    peculiar to that draw of rows does not average out over the S seeds: the mean shift has at
    most the variance σ² (1 + 1/S). None with fewer than two seeds.
    """
    seeds, traits = controls.shape
    if seeds < 2:
        return None
    one_run = float(np.sqrt(np.mean(np.var(controls, axis=0, ddof=1))))
    return Drift(one_run, one_run * float(np.sqrt(1 + 1 / seeds)), (seeds - 1) * max(1, traits - 1))


def _tail(difference: float, spread: float, degrees_of_freedom: int) -> TailTest | None:
    if not spread > 0:
        return None
    statistic = difference / spread
    # What stats.t.sf calls, without its checks of arrays: a hundred times a weighing.
    p_value = float(special.stdtr(degrees_of_freedom, -statistic))
    return TailTest(statistic, degrees_of_freedom, p_value)
