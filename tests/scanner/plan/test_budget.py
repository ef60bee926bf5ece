"""How many rows fit. By hand, for rows of a second each after ten seconds of something else."""

from functools import partial
from operator import mul

import pytest

from scanner.config import REAL, Recipe
from scanner.plan.budget import least_rows, most_rows, smallest_minutes, usable


def cost(rows: int) -> float:
    return 10.0 + rows


@pytest.mark.parametrize(
    ("left", "rows"),
    [
        (5010.0, 5000),  # all of them
        (5009.9, 4900),  # 4,999, of which two digits are kept
        (1244.0, 1200),
        (109.0, 99),
        (11.0, 1),
        (10.9, 0),
        (-1.0, 0),
    ],
)
def test_as_many_as_fit(left: float, rows: int) -> None:
    assert most_rows(cost, left, 5000) == rows


def test_a_measurement_that_strays_a_little_gives_the_same_rows() -> None:
    for measured in (1.0, 1.02, 0.98):
        assert most_rows(partial(mul, measured), 1250.0, 5000) == 1200


@pytest.mark.parametrize(
    ("recipe", "rows"),
    [
        (Recipe(), 529),  # 100 updates in 3 passes: 34 batches of 16, the last of one row
        (Recipe(epochs=1), 1585),  # 99 · 16 + 1
        (Recipe(epochs=100, rows_per_step=8), 1),
        (REAL, 265),  # 34 batches of 8; "no shift found" needs 1,500 updates
    ],
)
def test_the_fewest_rows_reach_the_least_updates_and_one_fewer_does_not(
    recipe: Recipe, rows: int
) -> None:
    assert least_rows(recipe) == rows
    assert recipe.updates(rows) >= 100
    assert recipe.updates(rows - 1) < 100


def test_the_budget_that_is_asked_for_would_do() -> None:
    """102 s and a tenth more are 85% of 132 s: 2.2 minutes, so 2.5."""
    assert smallest_minutes(102.0) == 2.5
    assert usable(60 * smallest_minutes(102.0)) > 102.0
    assert smallest_minutes(1.0) == 0.5
