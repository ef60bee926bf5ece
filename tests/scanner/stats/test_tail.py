import numpy as np
import pytest

from scanner.stats.tail import FEWEST_SCORES, tail_threshold


def exponential(n: int, seed: int) -> np.ndarray:
    """-log10 of n valid p-values."""
    return -np.log10(np.random.default_rng(seed).uniform(size=n))


def test_threshold_by_hand() -> None:
    # 0, 1, ... 99: the 0.8 quantile is 79.2; above it 80 ... 99, whose mean is 89.5, so the mean
    # excess is 10.3. At 1%: 79.2 + 10.3 * ln(20 / 1) = 79.2 + 30.856 = 110.056.
    tail = tail_threshold(np.arange(100.0), 0.01)
    assert tail is not None
    assert tail.start == pytest.approx(79.2)
    assert tail.mean_excess == pytest.approx(10.3)
    assert tail.fitted == 20
    assert tail.value == pytest.approx(110.056, abs=1e-3)


def test_valid_p_values_get_the_threshold_they_promise() -> None:
    """The tail of -log10 p is exponential with mean 1 / ln 10, and 1% of p-values are below 1%."""
    tail = tail_threshold(exponential(2000, seed=0), 0.01)
    assert tail is not None
    assert tail.mean_excess == pytest.approx(1 / np.log(10), rel=0.1)
    # The mean of 400 excesses varies by 5%, over ln 20 = 3 means: 0.065; so does the start.
    assert tail.value == pytest.approx(2.0, abs=0.2)
    fresh = exponential(200_000, seed=1)
    assert 0.006 < (fresh > tail.value).mean() < 0.016


def test_with_a_hundred_scores_the_rate_is_right_on_average() -> None:
    """What a calibration has: the estimate must not lean to too many or too few alarms."""
    values = [tail_threshold(exponential(110, seed), 0.01) for seed in range(300)]
    rates = [10.0**-tail.value for tail in values if tail is not None]
    assert len(rates) == 300
    assert np.median(rates) == pytest.approx(0.01, rel=0.25)


def test_moving_or_stretching_all_scores_moves_the_threshold_with_them() -> None:
    scores = exponential(200, seed=3)
    plain, moved = tail_threshold(scores, 0.01), tail_threshold(3 * scores + 5, 0.01)
    assert plain is not None
    assert moved is not None
    assert moved.value == pytest.approx(3 * plain.value + 5)


def test_negative_scores_are_scores() -> None:
    # As above, 120 lower: 110.056 - 120 = -9.944. No score is too low to be a start or a threshold.
    tail = tail_threshold(np.arange(100.0) - 120.0, 0.01)
    assert tail is not None
    assert tail.start == pytest.approx(79.2 - 120)
    assert tail.mean_excess == pytest.approx(10.3)
    assert tail.value == pytest.approx(-9.944, abs=1e-3)


def test_uncut_products_of_p_values_get_the_threshold_they_promise() -> None:
    """Ten of a hundred traits moved: their smallest p-value times 100 is above 1 in nine of ten
    calm cases, so that, cut at 1, the tail would start among ties."""
    smallest = np.random.default_rng(5).uniform(size=(4000, 10)).min(axis=1)
    scores = -np.log10(100 * smallest)
    assert np.quantile(scores, 0.8) < 0
    tail = tail_threshold(scores[:2000], 0.01)
    assert tail is not None
    # 1 - (1 - p)^10 = 0.01 at p = 0.0010045: a product of 0.10045, whose -log10 is 0.998.
    assert tail.value == pytest.approx(0.998, abs=0.2)
    assert 0.005 < (scores[2000:] > tail.value).mean() < 0.018


def test_a_smaller_rate_has_a_higher_threshold() -> None:
    scores = exponential(200, seed=4)
    values = [tail.value for rate in (0.1, 0.05, 0.01) if (tail := tail_threshold(scores, rate))]
    assert values == sorted(values)
    assert len(set(values)) == 3


def test_scores_tied_at_the_start_are_no_part_of_the_tail() -> None:
    # 90 zeros and 1 ... 10: the 0.8 quantile is 0, and a share of 0.1, not 0.2, exceeds it by 5.5
    # on the mean: 0 + 5.5 * ln(0.1 / 0.01) = 12.664. The same 2 lower.
    scores = np.concatenate([np.zeros(90), np.arange(1.0, 11.0)])
    for moved in (0.0, -2.0):
        tail = tail_threshold(scores + moved, 0.01)
        assert tail is not None
        assert tail.fitted == 10
        assert tail.value == pytest.approx(12.664 + moved, abs=1e-3)


@pytest.mark.parametrize(
    "scores",
    [
        np.empty(0),
        np.arange(FEWEST_SCORES - 1.0),
        np.zeros(100),  # nothing exceeds the start
        np.full(100, -2.017),
        np.array([0.0] * 199 + [5.0]),  # 0.5% do, and 1% is asked for: that lies among the ties
    ],
)
def test_too_few_scores_in_the_tail_give_no_threshold(scores: np.ndarray) -> None:
    assert tail_threshold(scores, 0.01) is None


@pytest.mark.parametrize(("rate", "share"), [(0.0, 0.2), (0.2, 0.2), (0.3, 0.2), (0.01, 1.0)])
def test_a_rate_outside_the_fitted_tail_is_refused(rate: float, share: float) -> None:
    with pytest.raises(ValueError, match="expected 0 < rate < share"):
        tail_threshold(np.arange(100.0), rate, share)
