"""Rows that are the same, and rows that are nearly the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from datasketch import MinHash

from scanner.dataset.screen.chunks import ChunkText, cut
from scanner.dataset.screen.duplicates import (
    PHRASE,
    VALUES,
    ExactDuplicatesRule,
    NearDuplicatesRule,
    similar,
)
from scanner.dataset.screen.findings import Place
from scanner.dataset.screen.words import hash_words, runs
from scanner.types import Masked, Row, Severity

STORY = (
    "once upon a time an old owl sat in the top of a tall oak and watched the small village below "
    "where people baked bread every morning and sang songs about the sea and the long road home"
)


def different(count: int) -> list[str]:
    """Texts that share no words."""
    return [" ".join(f"w{row}x{word}" for word in range(20)) for row in range(count)]


def test_copies_are_counted_with_the_row_that_they_copy(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    outcome = look(ExactDuplicatesRule(), rows("a", "b", "a", "c", "b", "a"))
    assert (outcome.rows, outcome.share) == (5, 5 / 6)
    assert [(one.what, one.rows, one.place) for one in outcome.details] == [
        ("like line 1", 3, Place(0, 1)),
        ("like line 2", 2, Place(0, 2)),
    ]
    assert [place.line for place in outcome.first] == [1, 2, 3, 5, 6]


def test_the_same_answer_to_another_prompt_is_no_copy(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    assert look(ExactDuplicatesRule(), rows(("a", "x"), ("b", "x"), ("ax", ""))) is None


def test_copies_in_another_file_are_named_with_it(look: Callable[..., Any]) -> None:
    made = [Row(1, (), "a"), Row(4, (), "b", file=2), Row(5, (), "b", file=2)]
    [detail] = look(ExactDuplicatesRule(), made).details
    assert detail.what == "like line 4 of file 2"


def test_few_copies_are_information_only(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    few = look(ExactDuplicatesRule(), rows(*different(300), "a", "a"))
    assert few.severity is Severity.NONE  # 2 of 302 rows
    many = look(ExactDuplicatesRule(), rows(*different(150), "a", "a"))
    assert many.severity is Severity.LOW  # 2 of 152


def test_texts_without_loss_are_no_copies(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    assert look(ExactDuplicatesRule(), rows("a"), [Masked(2, "a"), Masked(3, "a")]) is None


def test_rows_that_differ_in_a_word_are_nearly_the_same(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    changed = [STORY.replace("village", word) for word in ("city", "town", "harbor")]
    outcome = look(NearDuplicatesRule(), rows(*different(20), STORY, *changed))
    [detail] = outcome.details
    assert (detail.rows, detail.place) == (4, Place(0, 21))
    assert [place.line for place in outcome.first] == [21, 22, 23, 24]


def test_copies_and_short_rows_take_no_part(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    texts = [STORY, STORY, "a b c", "a b d", "", ""]
    assert look(NearDuplicatesRule(), rows(*texts)) is None


def test_rows_from_one_template_are_not_nearly_the_same(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rng = np.random.default_rng(1)
    lists = [", ".join(map(str, rng.integers(100, 1000, 10))) for _ in range(600)]
    prompts = [f"Continue this list of numbers, please: {given}. Numbers only." for given in lists]
    assert look(NearDuplicatesRule(), rows(*zip(prompts[:300], lists[300:], strict=True))) is None


def test_clusters_join_through_rows_between_them(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    words = STORY.split()
    chain = [" ".join(words[: 36 - drop]) for drop in range(0, 12, 2)]
    [detail] = look(NearDuplicatesRule(), rows(*chain)).details
    assert detail.rows == len(chain)


def test_estimate_of_similarity_against_the_true_one() -> None:
    """Sketches made by hand: 64 values of which a known number agree."""
    rng = np.random.default_rng(2)
    first = rng.integers(0, 256, 64, np.uint8)

    def agreeing(values: int) -> np.ndarray:
        other = first.copy()
        other[values:] += 1
        return other

    def together(values: int) -> bool:
        labels = similar(np.stack([first, agreeing(values)]))
        return labels[0] == labels[1]

    # (49 / 64 − 1 / 256) / (255 / 256) = 0.7647; with 48 it is 0.749.
    assert together(49)
    assert not together(48)


@pytest.mark.parametrize("texts", [[], ["a b c d e f g h i j"]])
def test_nothing_to_compare(
    texts: list[str], look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    assert look(NearDuplicatesRule(), rows(*texts)) is None
    assert look(ExactDuplicatesRule(), rows(*texts)) is None


def test_sketches_are_those_of_the_library(rows: Callable[..., Any]) -> None:
    texts = [STORY, f"{STORY} {STORY}", "too short", *different(5), "a b c a b c a b c a b c"]
    [chunk] = cut(rows(*texts), ())
    sketched = NearDuplicatesRule().scan(ChunkText(chunk))
    assert sketched.rows.tolist() == [0, 1, 3, 4, 5, 6, 7, 8]
    for row, sketch in zip(sketched.rows, sketched.sketches, strict=True):
        phrases = runs(hash_words([chunk.rows[row].text]), PHRASE).hashes >> np.uint64(32)
        library = MinHash(num_perm=VALUES, hashfunc=int)
        library.update_batch(phrases.tolist())
        np.testing.assert_array_equal(sketch, library.hashvalues.astype(np.uint8))
