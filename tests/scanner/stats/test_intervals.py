import numpy as np
import pytest
from scipy import stats

from scanner.stats.intervals import shift_interval
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
