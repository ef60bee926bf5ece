"""Which rows are dropped to put leads to the test."""

import numpy as np

from scanner.explain.verification import drop_masks, lead_count

SCORES = np.arange(50.0)


def test_each_way_drops_as_many() -> None:
    planted = np.arange(50) < 20
    masks = drop_masks(SCORES, np.random.default_rng(0), planted)
    assert {name: int(mask.sum()) for name, mask in masks.items()} == {
        "leads": 5,
        "random": 5,
        "oracle": 5,
    }
    assert np.flatnonzero(masks["leads"]).tolist() == [45, 46, 47, 48, 49]
    assert (masks["oracle"] <= planted).all()


def test_the_oracle_drops_no_clean_row_even_if_there_are_too_few_planted() -> None:
    planted = np.arange(50) < 2
    assert (drop_masks(SCORES, np.random.default_rng(0), planted)["oracle"] == planted).all()


def test_the_same_seed_drops_the_same_random_rows() -> None:
    one, other, third = (
        drop_masks(SCORES, np.random.default_rng(seed))["random"] for seed in (1, 1, 2)
    )
    assert (one == other).all()
    assert (one != third).any()


def test_leads_are_the_first_of_the_rows_that_it_is_known_to_come_from() -> None:
    """Five are a tenth of 50; of 3 that are known, there are 3, and as many random rows."""
    masks = drop_masks(SCORES, np.random.default_rng(0), own=frozenset(range(20)))
    assert np.flatnonzero(masks["leads"]).tolist() == [15, 16, 17, 18, 19]
    few = drop_masks(SCORES, np.random.default_rng(0), own=frozenset({3, 9, 41}))
    assert np.flatnonzero(few["leads"]).tolist() == [3, 9, 41]
    assert int(few["random"].sum()) == 3


def test_at_least_one_row_is_dropped() -> None:
    assert (lead_count(1), lead_count(14), lead_count(3600)) == (1, 1, 360)
