import numpy as np
import pytest

from scanner.stats.multiplicity import holm


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
