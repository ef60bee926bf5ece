"""Shares of a shift."""

import numpy as np
import pytest
from scipy import stats

from scanner.stats.outlier import Drift
from scanner.stats.shares import ShiftSample, gained_share, removed_share

STILL = Drift(0.0, 0.0, 38)


def sample(*questions: float, drift: Drift = STILL) -> ShiftSample:
    return ShiftSample(np.array([questions, questions]), drift)


def test_dropping_nothing_takes_nothing_and_dropping_all_takes_all() -> None:
    before = sample(1.0, 2.0, 3.0)
    nothing, everything = removed_share(before, before), removed_share(before, sample(0, 0, 0))
    assert nothing is not None
    assert everything is not None
    assert (nothing.value, nothing.low, nothing.high) == (0, 0, 0)
    assert (everything.value, everything.low, everything.high) == (1, 1, 1)


def test_by_hand() -> None:
    """Before 1 and 3 (mean 2), after 1 and 1 (mean 1): half is left. Blocks (1 − 0.5)/2 = 0.25
    and (1 − 1.5)/2 = −0.25, variance 0.125 (ddof=1), over two questions 0.0625. Drift 0.2 each:
    (0.04 + 0.25·0.04)/4 = 0.0125. Standard error √0.075."""
    drift = Drift(0.1, 0.2, 10)
    share = removed_share(sample(1, 3, drift=drift), sample(1, 1, drift=drift))
    assert share is not None
    reach = stats.t.ppf(0.975, 10) * 0.075**0.5
    assert (share.value, share.low, share.high) == pytest.approx((0.5, 0.5 - reach, 0.5 + reach))


def test_the_gain_is_the_difference_of_the_shares() -> None:
    before, leads, random = sample(1, 3), sample(0.2, 1), sample(1, 2.6)
    one, other = removed_share(before, leads), removed_share(before, random)
    gain = gained_share(before, leads, random)
    assert one is not None
    assert other is not None
    assert gain is not None
    assert gain.value == pytest.approx(one.value - other.value)
    assert gained_share(before, leads, leads).value == 0  # type: ignore[union-attr]


def test_an_aversion_has_shares_too() -> None:
    share = removed_share(sample(-1, -3), sample(-0.5, -1.5))
    assert share is not None
    assert share.value == pytest.approx(0.5)


def test_the_interval_covers() -> None:
    """Half is taken; 40 questions and a training stray as the interval assumes."""
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        questions = rng.normal(size=40)
        runs = 0.3 * rng.normal(size=2)
        noise = rng.normal(size=(2, 40)) * 0.2
        before = ShiftSample((2 + questions + runs[0] + noise[0])[None], Drift(0.3, 0.3, 200))
        after = ShiftSample((1 + questions / 2 + runs[1] + noise[1])[None], Drift(0.3, 0.3, 200))
        share = removed_share(before, after)
        assert share is not None
        hits += share.low <= 0.5 <= share.high
    assert 0.92 <= hits / 400 <= 0.99


def test_without_a_shift_or_with_one_question_there_is_no_share() -> None:
    assert removed_share(sample(1, -1), sample(1, 1)) is None
    assert removed_share(sample(1), sample(0)) is None
