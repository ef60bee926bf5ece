"""How many rows fit a budget, whatever says what rows cost. Pure arithmetic."""

from collections.abc import Callable
from math import ceil

from scanner.config import LEAST_UPDATES, Recipe

SPARE = 0.15
"""Of the budget, kept free: rates are measured on few rows, and other programs come and go."""


def least_rows(recipe: Recipe) -> int:
    """The fewest rows that can show anything; at a low rate "no shift found" needs more
    (``Recipe.least_updates``).

    The last row of the update that completes ``LEAST_UPDATES`` over all passes is the first of its
    batch: 100 updates in 3 passes are 34 batches of 16, so 33 · 16 + 1 = 529 rows.
    """
    batches = -(-LEAST_UPDATES // recipe.epochs)
    return (batches - 1) * recipe.rows_per_step + 1


def most_rows(cost: Callable[[int], float], left: float, most: int) -> int:
    """The most rows, of ``most``, whose ``cost`` is within ``left``; 0 if not one is.

    Rounded down to two digits, so that a measurement that strays a little gives the same number.
    """
    if cost(most) <= left:
        return most
    low, high = 0, most  # the first fits, or is none; the second does not fit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if cost(middle) <= left else (low, middle)
    return _two_digits(low)


def usable(seconds: float) -> float:
    """Seconds of a budget that are planned with."""
    return (1 - SPARE) * seconds


def smallest_minutes(needed: float) -> float:
    """The budget to ask for where ``needed`` seconds are the least: with a tenth more, in halves of
    a minute, so that a slower second measurement does not refuse it again."""
    return ceil(2 * 1.1 * needed / (1 - SPARE) / 60) / 2


def _two_digits(rows: int) -> int:
    if rows < 100:
        return rows
    rest = len(str(rows)) - 2
    return int(str(rows)[:2] + "0" * rest)
