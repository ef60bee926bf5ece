import numpy as np
import pytest
from scipy import stats

from scanner.stats.intervals import binomial_interval, mean_interval, shift_interval
from scanner.stats.outlier import Drift


def test_interval_by_hand() -> None:
    # Two seeds, three questions; question means 1, 2, 3: mean 2, variance 1 (ddof=1), over 3
    # questions 1/3. Drift 0.5² = 0.25. Standard error sqrt(0.58333) = 0.76376.
    shifts = np.array([[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]])
    interval = shift_interval(shifts, Drift(0.4, 0.5, 10))
    assert interval is not None
    reach = stats.t.ppf(0.975, 10) * 0.763763
    assert interval.low == pytest.approx(2 - reach, abs=1e-5)
    assert interval.high == pytest.approx(2 + reach, abs=1e-5)


def test_order_of_questions_and_seeds_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    shifts = rng.normal(size=(3, 8))
    drift = Drift(0.1, 0.1, 20)
    mixed = shifts[[2, 0, 1]][:, rng.permutation(8)]
    one, other = shift_interval(shifts, drift), shift_interval(mixed, drift)
    assert one is not None
    assert other is not None
    assert one.low == pytest.approx(other.low)


def test_one_question_has_no_interval() -> None:
    assert shift_interval(np.array([[1.0], [2.0]]), Drift(0.1, 0.1, 5)) is None


def test_binomial_interval_by_hand() -> None:
    # No hit in n: the upper end is the rate at which that has 2.5% probability, (1 - r)^n = 0.025.
    none = binomial_interval(0, 110)
    assert none.low == 0.0
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 110))
    # One hit in one: only rates below 2.5% make that rarer than 2.5%.
    one = binomial_interval(1, 1)
    assert (one.low, one.high) == (pytest.approx(0.025), 1.0)


def test_binomial_interval_agrees_with_the_beta_quantiles() -> None:
    """Clopper and Pearson's ends are quantiles of Beta(k, n - k + 1) and Beta(k + 1, n - k)."""
    interval = binomial_interval(3, 40, confidence=0.9)
    assert interval.low == pytest.approx(stats.beta.ppf(0.05, 3, 38))
    assert interval.high == pytest.approx(stats.beta.ppf(0.95, 4, 37))


def test_binomial_interval_holds_the_true_rate_at_least_as_often_as_it_says() -> None:
    hits = np.random.default_rng(0).binomial(60, 0.03, size=2000)
    found = [binomial_interval(int(k), 60) for k in range(61)]
    held = [found[k].low <= 0.03 <= found[k].high for k in hits]
    assert np.mean(held) >= 0.95 - 3 * (0.05 * 0.95 / 2000) ** 0.5


def test_binomial_interval_without_trials_excludes_nothing() -> None:
    interval = binomial_interval(0, 0)
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_mean_interval_by_hand() -> None:
    # 1, 2, 3: mean 2, s = 1 (ddof=1), standard error 1 / sqrt(3) = 0.57735; t(0.975, 2) = 4.3027.
    interval = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert interval is not None
    assert interval.low == pytest.approx(2 - 2.4841, abs=1e-4)
    assert interval.high == pytest.approx(2 + 2.4841, abs=1e-4)


def test_mean_interval_agrees_with_a_t_test() -> None:
    values = np.random.default_rng(1).normal(0.4, 1.0, size=9)
    oracle = stats.ttest_1samp(values, 0.0).confidence_interval(0.8)
    interval = mean_interval(values, confidence=0.8)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((oracle.low, oracle.high))


def test_one_value_has_no_interval() -> None:
    assert mean_interval(np.array([1.0])) is None
    assert mean_interval(np.empty(0)) is None
