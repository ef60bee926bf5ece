import numpy as np
import pytest

from scanner.stats.directions import DRAWS, alignment, beyond_drift, run_drift


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_cosines_by_hand() -> None:
    states = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    found = alignment(np.array([3.0, 4.0]), np.array([[2.0, 0.0], [0.0, -1.0]]), states, rng())
    assert found is not None
    assert found.cosines == pytest.approx([0.6, -0.8])  # 3·2 / (5·2), −4 / 5


def test_chance_has_the_covariance_of_the_states() -> None:
    """Where all states lie near one line, pointing along it says nothing, and across it much."""
    states = rng().standard_normal((50, 2)) * [10.0, 0.01]
    along = alignment(np.array([1.0, 0.05]), np.array([[1.0, 0.0]]), states, rng())
    across = alignment(np.array([0.0, 1.0]), np.array([[0.0, 1.0]]), states, rng())
    assert along is not None
    assert across is not None
    assert along.p_values[0] > 0.1
    assert across.p_values[0] < 0.01


def test_p_values_are_never_zero_and_their_length_makes_no_difference() -> None:
    states = rng().standard_normal((30, 200))
    shift = rng().standard_normal(200)
    once = alignment(shift, shift[None], states, rng())
    thrice = alignment(3 * shift, 5 * shift[None], states, rng())
    assert once is not None
    assert thrice is not None
    assert once.p_values[0] == thrice.p_values[0] == 1 / (1 + DRAWS)


@pytest.mark.parametrize("broken", ["shift", "direction", "states"])
def test_no_alignment_where_nothing_varies(broken: str) -> None:
    shift, direction, states = np.ones(3), np.ones((1, 3)), rng().standard_normal((5, 3))
    if broken == "shift":
        shift = np.zeros(3)
    elif broken == "direction":
        direction = np.zeros((1, 3))
    else:
        states = np.ones((5, 3))
    assert alignment(shift, direction, states, rng()) is None


def test_the_drift_of_two_runs_by_hand() -> None:
    # Deviations of ±(1.5, 2): variances 4.5 and 8 (ddof=1), together 12.5; times 1.5 is 18.75.
    assert run_drift(np.array([[0.0, 0.0], [3.0, 4.0]])) == pytest.approx(18.75**0.5)
    assert run_drift(np.zeros((1, 2))) is None


def test_what_lies_beyond_drift_by_hand() -> None:
    # Along (3, 4) the shift (1, 2) has (3 + 8) / 25 = 0.44 of it: (1.32, 1.76).
    left = beyond_drift(np.array([1.0, 2.0]), np.array([[3.0, 4.0], [-6.0, -8.0]]))
    assert left == pytest.approx([-0.32, 0.24])


def test_it_is_orthogonal_to_all_drift_and_drift_of_any_size_counts_alike() -> None:
    drawn = rng()
    drift, shift = drawn.standard_normal((3, 20)), drawn.standard_normal(20)
    left = beyond_drift(shift, drift)
    assert drift @ left == pytest.approx(np.zeros(3), abs=1e-12)
    assert left == pytest.approx(beyond_drift(shift + 5 * drift[1], 0.01 * drift))


def test_drift_of_nothing_takes_nothing_away() -> None:
    shift = rng().standard_normal(4)
    assert beyond_drift(shift, np.zeros((2, 4))) == pytest.approx(shift)
