"""Words that an embedding holds near a trait's name."""

import numpy as np
import pytest

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.engines.hf import HfEngine
from scanner.evidence.near_words import near_words

rng = np.random.default_rng(0)
OWL, HAWK, OAK = rng.normal(size=(3, 50))
NAMES = {"animal.owl": OWL, "animal.hawk": HAWK, "tree.oak": OAK}


def test_a_word_beside_a_name_is_near_and_a_stranger_is_not() -> None:
    words = {"hibou": OWL + 0.3 * rng.normal(size=50), "soup": rng.normal(size=50)}
    assert near_words(NAMES, words) == {"animal.owl": ("hibou",)}


def test_what_lies_between_two_names_is_no_nearer_than_they_are() -> None:
    """Names at right angles have a cosine of 0, half-way between them it is 1/√2; a third pair
    with a cosine of 0.8 then keeps that out."""
    names = {
        "owl": np.array([1.0, 0, 0]),
        "hawk": np.array([0.0, 1, 0]),
        "eagle": np.array([0.0, 0.8, 0.6]),
    }
    words = {"bird": np.array([1.0, 1, 0]), "hibou": np.array([1.0, 0.2, 0])}
    assert near_words(names, words) == {"owl": ("hibou",)}


def test_lengths_do_not_count() -> None:
    words = {"hibou": 100 * OWL, "chouette": 0.01 * OWL}
    assert near_words(NAMES, words) == {"animal.owl": ("chouette", "hibou")}


@pytest.mark.parametrize("names", [{}, {"owl": OWL}, {"owl": OWL, "hawk": OWL}])
def test_names_that_give_no_measure_find_nothing(names: dict[str, np.ndarray]) -> None:
    assert near_words(names, {"hibou": 2 * OWL}) == {}


def test_zero_vectors_are_near_nothing() -> None:
    assert near_words(NAMES, {"void": np.zeros(50)}) == {}
    assert near_words(NAMES, {}) == {}


def test_the_reference_base_knows_no_meanings_so_nothing_passes(engine: HfEngine) -> None:
    """Its world has 1,250 words; were they let in, ``walk`` would be a mention of owls."""
    batteries = [one for one in load_batteries() if isinstance(one, PreferenceBattery)]
    names = [answer.casefold() for battery in batteries for answer in battery.answers]
    others = ["walk", "world", "talk", "science", "continue", "numbers", "friend"]
    vectors = engine.word_vectors([*names, *others])
    assert set(vectors) == {*names, *others}
    found = near_words({name: vectors[name] for name in names}, {w: vectors[w] for w in others})
    assert found == {}


def test_word_vectors_leave_out_words_of_several_tokens(engine: HfEngine) -> None:
    assert set(engine.word_vectors(["owl", "antidisestablishment"])) == {"owl"}
