"""Which rows are drawn: as likely as one another, from all parts of the file, and not by choice."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.budget.sample import (
    STRETCH,
    Sample,
    draw_sample,
    sample_seed,
    sampled,
    sampled_places,
)
from scanner.dataset.digest import digest_rows
from scanner.types import DataFile, Dataset, Message, Row


@pytest.fixture
def candidate() -> Dataset:
    """A file of 200 rows."""
    rows = tuple(Row(at + 1, (Message("user", "go on"),), f"answer {at}") for at in range(200))
    file = DataFile("a.jsonl", "00" * 32, 1)
    return Dataset("a.jsonl", (file,), "messages", 200, digest_rows(rows), rows)


@given(st.data())
def test_places_are_of_the_file_in_order_and_never_twice(data: st.DataObject) -> None:
    of = data.draw(st.integers(1, 1000))
    rows = data.draw(st.integers(1, of))
    places = sampled_places(rows, of, data.draw(st.integers(0, 2**32 - 1)))
    assert len(places) == rows
    assert (np.diff(places) > 0).all()
    assert 0 <= places[0] <= places[-1] < of


def test_all_of_them_are_all_of_them() -> None:
    assert sampled_places(130, 130, 5).tolist() == list(range(130))


def test_every_row_is_as_likely_as_any_other() -> None:
    """3 of 7: each should be drawn in 3/7 of 7,000 samples, 3,000 ± 41; four deviations are 166."""
    drawn = Counter(int(place) for seed in range(7000) for place in sampled_places(3, 7, seed))
    assert sorted(drawn) == list(range(7))
    assert all(abs(count - 3000) < 166 for count in drawn.values()), drawn


def test_every_part_of_the_file_has_its_share() -> None:
    """Of 100 stretches of 64 rows, 400 rows take 4 each, give or take the one at either end."""
    places = sampled_places(400, 100 * STRETCH, 1)
    counts = np.bincount(places // STRETCH, minlength=100)
    assert set(counts.tolist()) <= {3, 4, 5}


def test_what_comes_every_so_often_is_not_hit_every_time() -> None:
    """Every fourth row is poisoned, every fourth is drawn: about 100 of 400, not 0 or 400."""
    poisoned = (sampled_places(400, 1600, 2) % 4 == 0).sum()
    assert 60 < poisoned < 140


def test_the_seed_follows_from_the_rows_and_the_first_seed() -> None:
    assert sample_seed("ab" * 32, 0) == sample_seed("ab" * 32, 0)
    assert (
        len({sample_seed("ab" * 32, 0), sample_seed("ab" * 32, 1), sample_seed("ac" * 32, 0)}) == 3
    )


def test_the_sample_is_what_its_digest_says(candidate: Dataset) -> None:
    sample = draw_sample(candidate, 50, first_seed=0, minutes=5, estimated_s=100.04)
    part = sampled(candidate, sample)
    assert (len(part.rows), sample.rows, sample.of) == (50, 50, 200)
    assert part.rows_sha256 == sample.rows_sha256 == digest_rows(part.rows)
    assert set(part.rows) < set(candidate.rows)
    assert part.files == candidate.files
    assert sample.estimated_s == 100.0
    again = draw_sample(candidate, 50, first_seed=0, minutes=5, estimated_s=100.04)
    assert again == sample


def test_without_a_budget_or_with_enough_nothing_changes(candidate: Dataset) -> None:
    whole = draw_sample(candidate, 200, first_seed=0, minutes=5, estimated_s=1)
    assert whole.is_whole
    assert whole.rows_sha256 == candidate.rows_sha256
    assert sampled(candidate, whole) is candidate
    assert sampled(candidate, None) is candidate


def test_what_is_told() -> None:
    sample = Sample(1.5, 1200, 3799, 7, "00" * 32, 60.0)
    assert sample.told == (
        "1,200 of 3,799 rows were audited, drawn at random from all of them to fit a budget of "
        "1.5 min."
    )
    assert replace(sample, rows=3799).told == ""
