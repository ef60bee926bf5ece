"""AUROC of rows and of bags of rows."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from scanner.stats.bags import auroc, bag_auroc, bag_aurocs


def test_by_hand() -> None:
    """Positives 3 and 1, negatives 2 and 0: of four pairs three are won."""
    assert auroc(np.array([3.0, 1, 2, 0]), np.array([True, True, False, False])) == 0.75


def test_agrees_with_sklearn_ties_included() -> None:
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 9, 300).astype(float), rng.random(300) < 0.3
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_turning_scores_round_turns_the_figure_round() -> None:
    rng = np.random.default_rng(1)
    scores, positive = rng.normal(size=200), rng.random(200) < 0.5
    found = auroc(scores, positive)
    assert found is not None
    assert auroc(-scores, positive) == pytest.approx(1 - found)


@pytest.mark.parametrize("size", [1, 4, 16, 64])
def test_bags_follow_the_normal_curve(size: int) -> None:
    """Two unit normals half a unit apart: bags of n are √n/2 deviations apart, and the larger of
    one draw each is the right one with chance Φ(√n / (2·√2))."""
    rng = np.random.default_rng(2)
    positive = np.arange(20_000) < 10_000
    scores = rng.normal(size=20_000) + 0.5 * positive
    expected = norm.cdf(0.5 * size**0.5 / 2**0.5)
    assert bag_auroc(scores, positive, size, rng) == pytest.approx(expected, abs=0.015)


def test_scores_that_know_nothing_are_near_a_half() -> None:
    rng = np.random.default_rng(3)
    found = bag_aurocs(rng.normal(size=8000), rng.random(8000) < 0.5, rng)
    assert [round(value or 0, 1) for value in found.values()] == [0.5] * 4


def test_a_perfect_score_is_perfect_and_a_constant_one_a_half() -> None:
    rng, positive = np.random.default_rng(4), np.arange(64) < 32
    assert bag_auroc(positive.astype(float), positive, 4, rng) == 1
    assert bag_auroc(np.ones(64), positive, 4, rng) == 0.5


def test_without_one_kind_or_a_full_bag_nothing_is_said() -> None:
    rng = np.random.default_rng(5)
    assert auroc(np.ones(3), np.array([True] * 3)) is None
    assert auroc(np.ones(0), np.zeros(0, bool)) is None
    assert bag_auroc(np.arange(20.0), np.arange(20) < 5, 6, rng) is None
