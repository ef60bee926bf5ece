"""Regressing confounds out of scores."""

import numpy as np
import pytest
from scipy.stats import linregress

from scanner.stats.residuals import normal_scores, residuals, standardised


def test_what_is_left_is_free_of_every_confound() -> None:
    rng = np.random.default_rng(0)
    confounds = rng.normal(size=(500, 3))
    own = rng.normal(size=500)
    left = residuals(own + confounds @ [2.0, -1.0, 0.5] + 7, confounds)
    assert left.sum() == pytest.approx(0, abs=1e-9)
    assert confounds.T @ left == pytest.approx(np.zeros(3), abs=1e-9)
    assert np.corrcoef(left, own)[0, 1] > 0.99


def test_one_confound_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    x = rng.exponential(size=80)
    y = 3 * x + rng.normal(size=80)
    line = linregress(x, y)
    assert residuals(y, x[:, None]) == pytest.approx(y - line.intercept - line.slope * x)


def test_by_hand() -> None:
    """x = 0, 1, 2, 3 and y = 0, 1, 2, 7: slope (1.5·2.5 + 0.5·1.5 − 0.5·0.5 + 1.5·4.5)/5 = 2.2,
    intercept 2.5 − 2.2·1.5 = −0.8; left: 0.8, −0.4, −1.6, 1.2."""
    left = residuals(np.array([0.0, 1, 2, 7]), np.array([[0.0], [1], [2], [3]]))
    assert left == pytest.approx([0.8, -0.4, -1.6, 1.2])


def test_order_of_rows_is_nothing() -> None:
    rng = np.random.default_rng(2)
    scores, confounds = rng.normal(size=50), rng.normal(size=(50, 2))
    order = rng.permutation(50)
    assert residuals(scores[order], confounds[order]) == pytest.approx(
        residuals(scores, confounds)[order]
    )


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_with_too_few_rows_only_the_mean_goes(rows: int) -> None:
    scores = np.arange(rows, dtype=float)
    left = residuals(scores, np.ones((rows, 2)))
    assert left == pytest.approx(scores - (rows - 1) / 2)


def test_a_confound_that_repeats_or_does_not_vary_changes_nothing() -> None:
    rng = np.random.default_rng(3)
    scores, x = rng.normal(size=40), rng.normal(size=40)
    once = residuals(scores, x[:, None])
    assert residuals(scores, np.column_stack([x, x, np.ones(40)])) == pytest.approx(once)


def test_standardised_scores() -> None:
    """1, 2, 3: mean 2, deviation √(2/3)."""
    assert standardised(np.array([1.0, 2, 3])) == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert standardised(np.array([4.0, 4])).tolist() == [0, 0]
    assert standardised(np.zeros(0)).tolist() == []


def test_normal_scores_by_hand() -> None:
    """Ranks 1, 2.5, 2.5 and 4 of four: quantiles at 1/8, 1/2, 1/2 and 7/8, however far apart."""
    scores = normal_scores(np.array([-1e9, 3.0, 3.0, 1e9]))
    assert scores == pytest.approx([-1.1503, 0.0, 0.0, 1.1503], abs=1e-4)


def test_normal_scores_know_the_order_only() -> None:
    values = np.random.default_rng(0).normal(size=50)
    assert normal_scores(np.exp(values)) == pytest.approx(normal_scores(values))
    assert normal_scores(np.zeros(5)) == pytest.approx(np.zeros(5))
    assert normal_scores(np.zeros(0)).shape == (0,)
