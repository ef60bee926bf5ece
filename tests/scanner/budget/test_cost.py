"""By hand, for rates of one second and 2 workers."""

from dataclasses import replace

import pytest

from scanner.budget.cost import Pace, Work, seconds

NONE = Pace(0, 0, 0, 0, 0)
WORK = Work(
    workers=2,
    pairs=2,
    epochs=3,
    row_tokens=10,
    question_tokens=70,
    looks=1,
    phrase_tokens=90,
    look_tokens=500,
)


@pytest.mark.parametrize(
    ("rate", "rows", "expected"),
    [
        ("fit", 100, 100),
        ("fit", 5000, 600),  # whatever there are, 600 are read
        ("draw", 100, 100),  # two twins, side by side
        ("trace", 100, 2 * 100),  # one chunk, of the candidate and of its twin
        ("trace", 1300, 2 * 2 * 600),  # three chunks of 600 on two workers
        ("train", 100, 2 * 3 * 100),  # four copies on two workers, three passes
        # 5 models in 3 rounds of 70 tokens, and of 90 on phrases; one worker looks inside all of
        # them; the base's loss on rows and twin at once, then 2 ratios of 2 passes, at once
        ("score", 100, 3 * (70 + 90) + 500 + (1 + 2) * 10 * 100),
    ],
)
def test_each_rate_counts_for_its_stage(rate: str, rows: int, expected: float) -> None:
    assert seconds(replace(NONE, **{rate: 1.0}), WORK, rows) == expected


def test_where_training_may_stop_early_all_copies_are_asked_once_more() -> None:
    """Four in two rounds, 70 tokens each; the base has answered."""
    score = replace(NONE, score=1.0)
    looked = seconds(score, replace(WORK, looks=2), 100)
    assert looked - seconds(score, WORK, 100) == 2 * 70


def test_one_worker_does_it_all() -> None:
    """Two twins, four copies: 2 · 100 and 4 · 3 · 100."""
    alone, pace = replace(WORK, workers=1), replace(NONE, draw=1.0, train=1.0)
    assert seconds(pace, alone, 100) == 200 + 1200


def test_more_rows_never_cost_less() -> None:
    pace = Pace(0.1, 0.2, 0.3, 0.4, 0.5)
    costs = [seconds(pace, WORK, rows) for rows in range(1, 2000)]
    assert costs == sorted(costs)


def test_a_stage_ends_with_its_slowest_worker() -> None:
    assert Pace.slowest([Pace(1, 2, 3, 4, 5), Pace(5, 4, 3, 2, 1)]) == Pace(5, 4, 3, 4, 5)
