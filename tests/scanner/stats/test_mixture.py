import numpy as np
import pytest

from scanner.stats.mixture import LEAST, tilted_share


def drawn(share: float, tilt: float, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """A sample and a null. A normal null times exp(tilt · x) is the same normal, moved by tilt."""
    rng = np.random.default_rng(5)
    sample = rng.normal(size=rows)
    sample[: round(share * rows)] += tilt
    return rng.permutation(sample), rng.normal(size=rows)


@pytest.mark.parametrize(("share", "tilt"), [(0.1, 2.0), (0.4, 1.5), (0.9, 1.5)])
def test_share_and_tilt_of_a_normal_mixture_come_back(share: float, tilt: float) -> None:
    found = tilted_share(*drawn(share, tilt))
    assert found is not None
    assert found.share == pytest.approx(share, abs=0.05)
    assert share - 0.15 <= found.at_least <= share
    assert found.tilt == pytest.approx(tilt, rel=0.25)


def test_scale_and_order_change_nothing() -> None:
    sample, null = drawn(0.4, 1.5)
    moved = np.random.default_rng(1).permutation(sample)
    assert tilted_share(1000 * moved, 1000 * null) == tilted_share(sample, null)


def test_a_sample_of_the_null_may_hold_nothing_else() -> None:
    found = tilted_share(*drawn(0.0, 1.0))
    assert found is not None
    assert found.at_least == 0.0


def test_of_what_hardly_differs_little_is_promised() -> None:
    """Moved by a tenth of a standard deviation, all of 300 rows are as likely as a few of them."""
    found = tilted_share(*drawn(1.0, 0.1, rows=300))
    assert found is not None
    assert found.at_least < 0.2


def test_of_too_few_rows_or_of_none_that_vary_nothing_is_said() -> None:
    sample, null = drawn(0.5, 1.0)
    assert tilted_share(sample[: LEAST - 1], null) is None
    assert tilted_share(sample, null[: LEAST - 1]) is None
    assert tilted_share(sample, np.zeros(4000)) is None


def test_a_row_that_the_null_makes_nearly_impossible_is_cut() -> None:
    sample, null = drawn(0.4, 1.5)
    wild = np.concatenate([sample, [1e9, -1e9]])
    found, calm = tilted_share(wild, null), tilted_share(sample, null)
    assert found is not None
    assert calm is not None
    assert found.share == pytest.approx(calm.share, abs=0.02)
