"""Which of many alike the rows pull towards."""

import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.stats.alignment import LEADING, Alignment, alignments, moments
from scanner.stats.standing_out import FEWEST_LIKE

ROWS, AXES, UNITS = 800, 64, 150
EACH = np.arange(ROWS)


def units(seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(UNITS, AXES))


def noise(seed: int, rows: int = ROWS) -> NDArray[np.float64]:
    """Rows by the base: correlated along the axes, of mean zero."""
    rng = np.random.default_rng(1000 + seed)
    return rng.normal(size=(rows, AXES)) @ rng.normal(size=(AXES, AXES))


def aligned(pulls: NDArray[np.float64], clusters: NDArray[np.int64] = EACH) -> Alignment:
    pulled = moments(pulls, clusters)
    assert pulled is not None
    found = alignments(pulled, units())
    assert found is not None
    return found


def planted(seed: int, place: int, size: float) -> NDArray[np.float64]:
    """Rows by a teacher that took a step along one unit: they pull by Fisher's information times
    the step, which is the covariance of the pulls. ``size`` is in standard deviations of a row."""
    pulls, unit = noise(seed), units()[place]
    step = np.cov(pulls.T) @ unit
    return pulls + size * step / np.sqrt(unit @ step)


@pytest.mark.parametrize("place", [0, 77, UNITS - 1])
def test_a_planted_unit_is_first_and_beyond_both_nulls(place: int) -> None:
    found = aligned(planted(1, place, 0.5))
    assert int(np.argmax(found.cosine)) == place
    assert UNITS * found.p_value[place] < 0.01
    assert found.z[place] > 5
    assert np.median(found.p_value) > 0.1


def test_rows_of_the_base_pull_towards_nothing() -> None:
    """At 5% after Bonferroni, 1 of 40 or so may pass: by the rows' own spread and against the
    other units both."""
    passed = sum(UNITS * aligned(noise(seed)).p_value.min() <= 0.05 for seed in range(40))
    assert passed <= 2


def test_a_departure_that_favours_no_unit_is_none_of_theirs() -> None:
    """Such as a stranger's: far from the base, in a direction that is nobody's."""
    rng = np.random.default_rng(5)
    found = aligned(noise(3) + 5 * rng.normal(size=AXES))
    assert np.abs(found.z).max() > 10
    assert UNITS * found.p_value.min() > 0.05


def test_order_scale_and_the_choice_of_axes_change_nothing() -> None:
    pulls = planted(2, 5, 0.5)
    first = aligned(pulls)
    shuffled = aligned(pulls[np.random.default_rng(0).permutation(ROWS)] * 1e-4)
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(AXES, AXES)))
    pulled = moments(pulls @ turn, EACH)
    assert pulled is not None
    turned = alignments(pulled, units() @ turn)
    assert turned is not None
    for other in (shuffled, turned):
        assert other.cosine == pytest.approx(first.cosine)
        assert other.z == pytest.approx(first.z)
        assert other.p_value == pytest.approx(first.p_value)


def test_rows_that_repeat_one_another_count_once() -> None:
    """Each row four times: the mean stays, and so must its standard errors."""
    pulls = planted(4, 9, 0.5)
    repeated, clusters = np.repeat(pulls, 4, axis=0), np.repeat(EACH, 4)
    assert aligned(repeated, clusters).z == pytest.approx(aligned(pulls).z, rel=0.01)
    careless = aligned(repeated, np.arange(4 * ROWS)).z
    assert careless[9] > 1.9 * aligned(repeated, clusters).z[9]


def test_several_planted_together_do_not_hide_one_another() -> None:
    pulls = planted(6, 3, 1.0) + planted(6, 40, 1.0) - noise(6)
    found = aligned(pulls)
    assert set(np.argsort(-found.cosine)[:2].tolist()) == {3, 40}
    assert UNITS * found.p_value[[3, 40]].max() < 0.05


@pytest.mark.parametrize(
    ("pulls", "clusters"),
    [
        (np.zeros((ROWS, AXES)), EACH),  # rows written greedily pull nowhere
        (noise(0, 1), EACH[:1]),
        (noise(0), np.zeros(ROWS, np.int64)),  # one answer, many times
    ],
)
def test_too_little_is_pulled(pulls: NDArray[np.float64], clusters: NDArray[np.int64]) -> None:
    assert moments(pulls, clusters) is None


def test_too_few_units_are_no_null() -> None:
    pulled = moments(noise(0), EACH)
    assert pulled is not None
    assert alignments(pulled, units()[: FEWEST_LIKE + LEADING - 1]) is None
    assert alignments(pulled, units()[: FEWEST_LIKE + LEADING]) is not None
