"""What an audit costs in seconds, as rows grow. Pure arithmetic on measured rates."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from scanner.config import Recipe
from scanner.evidence.traces import CHUNK_ROWS
from scanner.twin import FIT_ROWS
from scanner.verdict import LEAST_UPDATES

SPARE = 0.15
"""Of the budget, kept free: rates are measured on few rows, and other programs come and go."""


@dataclass(frozen=True)
class Pace:
    """Seconds that one worker takes while the others work as well."""

    fit: float
    """Per row that the twin's temperature is fitted to."""
    draw: float
    """Per row of a twin."""
    trace: float
    """Per row."""
    train: float
    """Per row of one pass."""
    score: float
    """Per token of a forward pass."""

    @classmethod
    def slowest(cls, measured: list["Pace"]) -> "Pace":
        """The largest of each rate: a stage ends with its last job."""
        return cls(
            *(
                max(getattr(pace, rate) for pace in measured)
                for rate in ("fit", "draw", "trace", "train", "score")
            )
        )


@dataclass(frozen=True)
class Work:
    """What there is to do, whatever the number of rows."""

    workers: int
    pairs: int
    epochs: int
    row_tokens: float
    """Of a row, on average."""
    question_tokens: int
    """Of everything that one model is asked, in all contexts."""

    def rounds(self, jobs: int) -> int:
        """How often the workers set to."""
        return -(-jobs // self.workers)


def seconds(pace: Pace, work: Work, rows: int) -> float:
    """Of an audit of so many rows, from the twin to the leads. Grows with the rows.

    Rows that openly say what was found are left out and trained on again after the verdict: that is
    not in it.
    """
    models = 2 * work.pairs
    chunks = -(-rows // CHUNK_ROWS)
    twin = pace.fit * min(rows, FIT_ROWS) + work.rounds(work.pairs) * pace.draw * rows
    traces = work.rounds(chunks) * pace.trace * min(rows, CHUNK_ROWS)
    training = work.rounds(models) * work.epochs * pace.train * rows
    asking = work.rounds(1 + models) * pace.score * work.question_tokens
    leads = (1 + 2 * work.rounds(work.pairs)) * pace.score * work.row_tokens * rows
    return twin + traces + training + asking + leads


def least_rows(recipe: Recipe) -> int:
    """The fewest rows that a verdict of "no shift found" can rest on.

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
