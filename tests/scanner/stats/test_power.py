import numpy as np
import pytest
from scipy import stats

from scanner.stats.power import detectable_share, detection_power

NEEDED = 3.0


def test_power_by_hand() -> None:
    # Φ((3 - 3) / 2) = 0.5; Φ((5 - 3) / 2) = Φ(1) = 0.8413; Φ((0 - 3) / 2) = Φ(-1.5) = 0.0668.
    powers = detection_power(np.array([3.0, 5.0, 0.0]), 2.0, NEEDED)
    assert powers == pytest.approx([0.5, 0.8413, 0.0668], abs=1e-4)


def test_power_is_the_share_of_draws_that_are_enough() -> None:
    draws = np.random.default_rng(0).normal(4.0, 1.5, size=100_000)
    [power] = detection_power(np.array([4.0]), 1.5, NEEDED)
    assert power == pytest.approx((draws >= NEEDED).mean(), abs=0.006)  # four standard errors


@pytest.mark.parametrize("spread", [0.0, -1.0, float("nan")])
def test_evidence_without_spread_has_no_power(spread: float) -> None:
    with pytest.raises(ValueError, match="expected a positive number"):
        detection_power(np.array([3.0]), spread, NEEDED)


def test_detectable_share_by_hand() -> None:
    # 95% power needs 3 + 1.6449 * 2 = 6.2897. On the line from (0.1, 2) to (0.5, 10) that is at
    # 0.1 + 0.4 * 4.2897 / 8 = 0.31449. At 0.5 the power is Φ((10 - 3) / 2) = Φ(3.5).
    found = detectable_share(np.array([0.1, 0.5]), np.array([2.0, 10.0]), 2.0, NEEDED)
    assert found.share == pytest.approx(0.31449, abs=1e-5)
    assert found.power_at_full == pytest.approx(stats.norm.cdf(3.5))


def test_at_the_detectable_share_the_power_is_what_was_asked_for() -> None:
    shares, means = np.array([0.05, 0.25, 1.0]), np.array([0.5, 3.5, 9.0])
    for power in (0.5, 0.8, 0.95):
        found = detectable_share(shares, means, 1.3, NEEDED, power)
        assert found.share is not None
        there = np.interp([found.share], shares, means)
        assert detection_power(there, 1.3, NEEDED) == pytest.approx([power])


def test_evidence_that_is_never_enough_has_no_detectable_share() -> None:
    # Evidence 4 at all rows, 3 + 1.6449 needed: Φ(4 - 3) = 0.8413 of such cases are found.
    found = detectable_share(np.array([0.1, 1.0]), np.array([1.0, 4.0]), 1.0, NEEDED)
    assert found.share is None
    assert found.power_at_full == pytest.approx(0.8413, abs=1e-4)


def test_below_the_smallest_share_tried_nothing_is_promised() -> None:
    found = detectable_share(np.array([0.1, 1.0]), np.array([8.0, 9.0]), 1.0, NEEDED)
    assert found.share == 0.1


def test_more_poison_cannot_mean_less_evidence() -> None:
    # 2, 7, 5 is read as 2, 7, 7: 4.6449 is reached at 0.1 + 0.4 * 2.6449 / 5 = 0.31159.
    found = detectable_share(np.array([0.1, 0.5, 1.0]), np.array([2.0, 7.0, 5.0]), 1.0, NEEDED)
    assert found.share == pytest.approx(0.31159, abs=1e-5)
    assert found.power_at_full == pytest.approx(stats.norm.cdf(4.0))


def test_one_share_is_enough_or_not() -> None:
    assert detectable_share(np.array([1.0]), np.array([5.0]), 1.0, NEEDED).share == 1.0
    assert detectable_share(np.array([1.0]), np.array([4.0]), 1.0, NEEDED).share is None
