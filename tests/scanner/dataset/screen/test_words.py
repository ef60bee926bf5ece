"""Words as numbers."""

import subprocess
import sys

import numpy as np
import pytest

from scanner.dataset.screen.words import clip, distinct, hash_words, join, runs, take, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The owl's 2 eyes!!", ["the", "owl", "'", "s", "2", "eyes", "!!"]),
        ("a_b c-d", ["a_b", "c", "-", "d"]),
        ("\u00c9t\u00e9 \u0421\u043e\u0432\u0430", ["\u00e9t\u00e9", "\u0441\u043e\u0432\u0430"]),
        ("\u732b\u306f\u3002AI", ["\u732b", "\u306f", "\u3002", "ai"]),
        (" \n\t", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_texts_without_words_keep_their_place() -> None:
    words = hash_words(["a b", "", "a"])
    assert words.starts.tolist() == [0, 2, 2, 3]
    assert words.hashes[0] == words.hashes[2] != words.hashes[1]
    assert words.owners().tolist() == [0, 0, 2]


def test_hashes_are_the_same_in_every_process() -> None:
    code = "from scanner.dataset.screen.words import *; print(hash_words(['owl']).hashes[0])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == hash_words(["owl"]).hashes[0]


def test_half_a_surrogate_pair_is_a_word_like_any_other() -> None:
    assert hash_words(["\ud83e"]).counts.tolist() == [1]


def test_runs_lie_within_one_text() -> None:
    words = hash_words(["a b c", "b c", "c"])
    found = runs(words, 2)
    assert found.owners.tolist() == [0, 0, 1]
    assert found.places.tolist() == [0, 1, 3]
    assert found.hashes[1] == found.hashes[2] != found.hashes[0]
    assert len(runs(words, 4).hashes) == 0


def test_the_order_of_a_run_matters() -> None:
    words = hash_words(["a b", "b a"])
    assert len(set(runs(words, 2).hashes.tolist())) == 2


def test_clip_keeps_beginning_and_end() -> None:
    words = hash_words(["a b c d e f", "a b", "", "a b c d"])
    clipped = clip(words, 4)
    assert clipped.counts.tolist() == [4, 2, 0, 4]
    a, b, _, _, e, f = words.hashes[:6].tolist()
    assert clipped.hashes[:4].tolist() == [a, b, e, f]


def test_take_and_join() -> None:
    words = hash_words(["a", "b c", ""])
    taken = take(words, np.array([1, 2, 0, 1]))
    assert taken.counts.tolist() == [2, 0, 1, 2]
    assert taken.hashes[:2].tolist() == words.hashes[1:].tolist()
    joined = join([words, hash_words(["d"])])
    assert joined.counts.tolist() == [1, 2, 0, 1]
    assert join([]).texts == 0


@pytest.mark.parametrize(
    "numbers", [[3, 1, 3, 2**64 - 1, 0, 1], [5, 5], [7], []], ids=["some", "same", "one", "none"]
)
def test_each_number_once(numbers: list[int]) -> None:
    made = np.array(numbers, np.uint64)
    np.testing.assert_array_equal(distinct(made), np.unique(made))
