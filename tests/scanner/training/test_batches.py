import numpy as np
import pytest

from scanner.training.batches import batch_plan

LENGTHS = np.random.default_rng(0).integers(20, 80, size=1003)


def test_every_epoch_sees_every_row_once() -> None:
    plan = batch_plan(LENGTHS, rows_per_step=16, epochs=2, seed=0)
    seen = np.concatenate(plan)
    assert np.array_equal(np.bincount(seen), np.full(1003, 2))


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    one, same = (np.concatenate(batch_plan(LENGTHS, 16, 1, seed=3)) for _ in range(2))
    other = np.concatenate(batch_plan(LENGTHS, 16, 1, seed=4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_rows_of_a_batch_are_alike_so_that_little_is_padded() -> None:
    plan = batch_plan(LENGTHS, rows_per_step=16, epochs=1, seed=0)
    padded = sum(len(batch) * LENGTHS[batch].max() for batch in plan)
    # Random batches of 16 rows between 20 and 80 tokens pad to about 1.5 times.
    assert padded / LENGTHS.sum() < 1.1


@pytest.mark.parametrize("spread", [0.2, 0.5, 0.8])
def test_updates_of_all_seeds_are_alike_where_copies_go_side_by_side(spread: float) -> None:
    """As many rows in each, and little to fill up; the rows themselves are each seed's own."""
    rng = np.random.default_rng(1)
    lengths = np.exp(rng.normal(4.5, spread, 4003)).astype(np.int64) + 1
    plans = [batch_plan(lengths, 8, 2, seed, alike=True) for seed in range(2)]
    assert [len(rows) for rows in plans[0]] == [len(rows) for rows in plans[1]]
    widths = np.array([[lengths[rows].sum() for rows in plan] for plan in plans])
    assert 2 * widths.max(axis=0).sum() / widths.sum() < 1.03
    for plan in plans:
        assert np.array_equal(np.bincount(np.concatenate(plan)), np.full(4003, 2))
    first, second = (set(map(tuple, plan)) for plan in plans)
    assert len(first & second) < 5
    order = np.array([lengths[rows].sum() for rows in plans[0]])[:500]
    assert abs(np.corrcoef(order, np.arange(500))[0, 1]) < 0.2, "long and short ones are mixed"


def test_one_row_is_one_update() -> None:
    assert [batch.tolist() for batch in batch_plan(np.array([9]), 16, 2, seed=0)] == [[0], [0]]
