from itertools import combinations

import numpy as np
import pytest

from scanner.stats.multiplicity import holm, least_subset_means


def test_holm_by_hand() -> None:
    # Sorted 0.01, 0.02, 0.03, 0.5 times 4, 3, 2, 1: 0.04, 0.06, 0.06, 0.5; running maximum.
    p_values = np.array([0.03, 0.5, 0.01, 0.02])
    assert holm(p_values) == pytest.approx([0.06, 0.5, 0.04, 0.06])


def test_holm_never_exceeds_one_and_never_falls_below_p() -> None:
    p_values = np.random.default_rng(0).uniform(size=50)
    adjusted = holm(p_values)
    assert (adjusted <= 1).all()
    assert (adjusted >= p_values).all()


def test_one_p_value_stays_itself_and_none_stays_none() -> None:
    assert holm(np.array([0.2])) == pytest.approx([0.2])
    assert holm(np.array([])).shape == (0,)


def test_family_wise_error_rate_holds() -> None:
    """With 100 true nulls, any rejection at 5% may happen in at most 5% of the families."""
    rng = np.random.default_rng(1)
    families = [holm(rng.uniform(size=100)).min() <= 0.05 for _ in range(2000)]
    # Binomial standard deviation: sqrt(0.05 * 0.95 / 2000) = 0.005.
    assert np.mean(families) <= 0.05 + 3 * 0.005


def test_least_subset_means_by_hand() -> None:
    # 1 is the lowest. 4 with 1: 2.5. 9 with 1: 5, with 1 and 4: 14 / 3.
    assert least_subset_means(np.array([4.0, 9.0, 1.0])) == pytest.approx([2.5, 14 / 3, 1.0])


def test_least_subset_means_are_those_of_all_subsets() -> None:
    values = np.random.default_rng(3).normal(size=6)
    subsets = [s for size in range(1, 7) for s in combinations(range(6), size)]
    least = [min(values[list(s)].mean() for s in subsets if part in s) for part in range(6)]
    assert least_subset_means(values) == pytest.approx(least)


def test_of_equal_or_single_parts_each_is_its_own() -> None:
    assert least_subset_means(np.array([2.0, 2.0, 2.0])) == pytest.approx([2.0, 2.0, 2.0])
    assert least_subset_means(np.array([-1.0])) == pytest.approx([-1.0])
    assert least_subset_means(np.array([])).shape == (0,)
