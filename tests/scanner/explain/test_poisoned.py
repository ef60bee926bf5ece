"""How many rows carry a finding, by their pulls."""

import numpy as np
import pytest

from scanner.explain.poisoned import ALIKE, AWAY, NOT_TRACED, poisoned_of


def pulls(rows: int, carrying: int) -> tuple[np.ndarray, np.ndarray]:
    """Of rows, the last of which a teacher wrote, and of a twin's. A tilt by exp(2 x) moves a
    normal of spread 1 by 2."""
    rng = np.random.default_rng(0)
    own, null = rng.normal(size=rows), rng.normal(size=rows)
    own[rows - carrying :] += 2.0
    return own, null


def test_the_share_is_that_of_all_rows_whichever_were_looked_at() -> None:
    """500 of 2,000 carry it, and those are a group: a quarter, and of the group all."""
    own, null = pulls(2000, 500)
    everywhere = poisoned_of(own, null, None)
    group = poisoned_of(own, null, frozenset(range(1500, 2000)))
    assert everywhere.share == pytest.approx(0.25, abs=0.1)
    assert group.share == pytest.approx(0.25, abs=0.01)
    assert group.at_least is not None
    assert everywhere.at_least is not None
    assert everywhere.at_least < group.at_least <= 0.25


def test_other_rows_of_a_known_group_say_nothing() -> None:
    own, null = pulls(2000, 500)
    own[:1500] += 1.0
    alone = poisoned_of(own, null, frozenset(range(1500, 2000)))
    assert alone == poisoned_of(*pulls(2000, 500), frozenset(range(1500, 2000)))


def test_what_cannot_be_told_has_a_reason() -> None:
    own, null = pulls(200, 100)
    assert poisoned_of(None, null, None).reason == NOT_TRACED
    assert poisoned_of(null, own, None).reason == AWAY
    assert poisoned_of(own, null, frozenset(range(150, 160))).reason == ALIKE
