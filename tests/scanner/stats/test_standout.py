import numpy as np
import pytest
from numpy.typing import NDArray

from scanner.stats.standout import stand_outs, whitening

TRAITS = 40


def pulls_of(rng: np.random.Generator, rows: int, along: int | None = None) -> NDArray[np.float64]:
    """Rows whose scores share a component, as real directions do; moved along one of them."""
    mixing = np.eye(TRAITS) + 0.3 * np.random.default_rng(1).normal(size=(TRAITS, TRAITS))
    drawn = rng.normal(size=(rows, TRAITS)) @ mixing
    if along is not None:
        covariance = mixing.T @ mixing
        drawn = drawn + 0.3 * covariance[along] / np.sqrt(covariance[along, along])
    return drawn


def alone(rows: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    return np.arange(rows), np.eye(TRAITS)


def test_the_direction_that_rows_were_moved_along_stands_out() -> None:
    clusters, units = alone(800)
    for along in (0, 17, 39):
        weighed = stand_outs(pulls_of(np.random.default_rng(along), 800, along), clusters, units)
        assert weighed is not None
        assert int(weighed.p_value.argmin()) == along
        assert weighed.p_value[along] * TRAITS < 1e-3
        assert weighed.strength[along] > 3


def test_rows_of_the_base_raise_no_alarm_more_often_than_promised() -> None:
    """200 families at 5%: 10 expected; more than 20 would happen once in a thousand times."""
    clusters, units = alone(300)
    alarms = 0
    for seed in range(200):
        weighed = stand_outs(pulls_of(np.random.default_rng(seed), 300), clusters, units)
        assert weighed is not None
        alarms += float(weighed.p_value.min()) * TRAITS <= 0.05
    assert alarms <= 20


def test_neither_the_order_of_the_rows_nor_the_scale_of_the_pulls_matters() -> None:
    pulls = pulls_of(np.random.default_rng(3), 200, along=5)
    clusters, units = alone(200)
    weighed = stand_outs(pulls, clusters, units)
    order = np.random.default_rng(4).permutation(200)
    again = stand_outs(1000 * pulls[order], clusters, units)
    assert weighed is not None
    assert again is not None
    np.testing.assert_allclose(again.p_value, weighed.p_value, rtol=1e-6)
    np.testing.assert_allclose(again.z, weighed.z, rtol=1e-6)


def test_rows_that_repeat_one_another_count_as_one() -> None:
    """Four copies of 100 rows say no more than the 100 did: z stays, and would double if the copies
    counted (√4)."""
    pulls = pulls_of(np.random.default_rng(5), 100, along=5)
    clusters, units = alone(100)
    once = stand_outs(pulls, clusters, units)
    copied = stand_outs(np.tile(pulls, (4, 1)), np.tile(clusters, 4), units)
    naive = stand_outs(np.tile(pulls, (4, 1)), np.arange(400), units)
    assert once is not None
    assert copied is not None
    assert naive is not None
    # The covariance divides by 399 instead of 99: a factor that whitening takes out again.
    np.testing.assert_allclose(copied.z, once.z, rtol=1e-9)
    np.testing.assert_allclose(naive.z, 2 * once.z, rtol=0.01)


def test_z_grows_with_the_root_of_the_rows() -> None:
    """Nine times the rows, three times the z, on average over ten draws."""
    ratios = []
    for seed in range(10):
        rng = np.random.default_rng(100 + seed)
        few, many = pulls_of(rng, 400, along=7), pulls_of(rng, 3600, along=7)
        z = [
            weighed.z[7]
            for pulls in (few, many)
            if (weighed := stand_outs(pulls, np.arange(len(pulls)), np.eye(TRAITS))) is not None
        ]
        ratios.append(z[1] / z[0])
    assert np.mean(ratios) == pytest.approx(3, rel=0.2)


def test_parts_of_one_are_tested_together() -> None:
    """Four parts moved by one standard error each are two standard errors as one: 4 / √4."""
    rng = np.random.default_rng(6)
    pulls = rng.normal(size=(400, TRAITS))
    pulls[:, :4] += 2 / np.sqrt(400) - pulls[:, :4].mean(axis=0)
    units = np.eye(TRAITS)[3:]
    units[0, :4] = 0.5
    together = stand_outs(pulls, np.arange(400), units)
    apart = stand_outs(pulls, np.arange(400), np.eye(TRAITS))
    assert together is not None
    assert apart is not None
    assert together.z[0] == pytest.approx(2 * apart.z[:4].mean(), rel=0.05)


@pytest.mark.parametrize(
    "pulls",
    [np.zeros((50, TRAITS)), np.ones((50, TRAITS)), np.ones((1, TRAITS))],
    ids=["greedy rows", "identical rows", "one row"],
)
def test_rows_that_do_not_vary_are_not_weighed(pulls: NDArray[np.float64]) -> None:
    assert stand_outs(pulls, np.arange(len(pulls)), np.eye(TRAITS)) is None


def test_copies_of_one_row_are_not_weighed() -> None:
    pulls = pulls_of(np.random.default_rng(7), 30)
    assert stand_outs(pulls, np.zeros(30, dtype=np.int64), np.eye(TRAITS)) is None


def test_whitening_of_unrelated_directions_changes_only_the_scale() -> None:
    """Directions that share nothing have no strangers' pull to undo."""
    rng = np.random.default_rng(8)
    matrix = whitening(np.cov(rng.normal(size=(20000, 10)).T))
    off = matrix - np.diag(np.diag(matrix))
    assert np.abs(off).max() < 0.3 * np.diag(matrix).min()
