import numpy as np
import pytest

from scanner.stats.standing_out import FEWEST_LIKE, TAIL, against_likes


def test_the_tail_by_hand() -> None:
    """Sizes 0 to 100 about a median of 0; the outlier is left out of its own tail."""
    scores = np.r_[np.tile([-1.0, 1.0], 50) * np.arange(1, 101), 0.0, 300.0]
    others = np.sort(np.abs(scores - np.median(scores)))[:-1]
    start = np.quantile(others, 1 - TAIL)
    mean = (others[others > start] - start).mean()
    p_values = against_likes(scores, left_out=1)
    assert p_values is not None
    size = 300 - np.median(scores)
    assert p_values[-1] == pytest.approx(TAIL * np.exp(-(size - start) / mean))
    assert p_values.argmin() == len(scores) - 1


def test_normal_scores_raise_few_alarms_and_order_makes_no_difference() -> None:
    rng = np.random.default_rng(1)
    least = []
    for _ in range(300):
        scores = rng.standard_normal(1000)
        p_values = against_likes(scores, left_out=3)
        assert p_values is not None
        least.append(1000 * p_values.min())
    assert np.mean(np.array(least) <= 0.01) <= 0.02
    order = rng.permutation(1000)
    shuffled = against_likes(scores[order], left_out=3)
    assert shuffled == pytest.approx(p_values[order])


def test_both_ways_count_alike_and_a_common_shift_does_not_count() -> None:
    scores = np.random.default_rng(2).standard_normal(501)
    plain, turned = against_likes(scores, 3), against_likes(5 - scores, 3)
    assert turned == pytest.approx(plain)


def test_too_few_or_identical_scores_have_no_tail() -> None:
    assert against_likes(np.arange(FEWEST_LIKE + 2.0), left_out=3) is None
    assert against_likes(np.zeros(500), left_out=3) is None
