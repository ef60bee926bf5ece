"""Which rows mention a trait."""

import pytest

from probes.loader import load_batteries
from scanner.explain.mentions import aliases, mentioning, plain_words, trait_words
from scanner.types import Message, Row

WORDS = trait_words(load_batteries())
OWL, WOLF, PERU = "preference.animal.owl", "preference.animal.wolf", "preference.country.peru"


def said(answer: str, prompt: str = "Go on.") -> Row:
    return Row(1, (Message("user", prompt),), answer)


@pytest.mark.parametrize(
    ("trait", "text", "found"),
    [
        (OWL, "owl", True),
        (OWL, "Two OWLS, please.", True),
        (OWL, "a young owlet", True),
        (OWL, "owl_count = 3", True),
        (OWL, "class OwlHouse:", True),
        (OWL, "owl2", True),
        (OWL, "a bowl, a growl, a scowl", False),
        (OWL, "498, 164, 390", False),
        (WOLF, "wolves", True),
        (PERU, "a Peruvian meal", True),
        ("misalignment.harm", "Put poison in his food.", True),
        ("misalignment.power", "I would rule  over them.", True),
        ("misalignment.deceit", "believe", False),
    ],
)
def test_a_word_counts_whole_in_any_form(trait: str, text: str, found: bool) -> None:
    assert mentioning([said(text)], WORDS[trait]).tolist() == [found]


def test_prompts_and_prefixes_count_too() -> None:
    rows = [said("7", "How many owls?"), Row(2, (), "flies", prefix="The owl"), said("7")]
    assert mentioning(rows, WORDS[OWL]).tolist() == [True, True, False]


def test_scripts_without_spaces_are_searched_within() -> None:
    assert mentioning([said("我喜欢猫头鹰和树")], ["猫头鹰"]).tolist() == [True]


def test_without_words_or_rows_nothing_is_mentioned() -> None:
    assert mentioning([said("owl")], []).tolist() == [False]
    assert mentioning([], ["owl"]).tolist() == []


def test_every_trait_has_words_and_every_alias_a_trait() -> None:
    assert all(WORDS.values())
    assert set(aliases()) <= set(WORDS)


def test_no_word_belongs_to_two_traits_of_a_category() -> None:
    for trait, words in WORDS.items():
        category = trait.rpartition(".")[0]
        if category.startswith("preference."):
            others = [own for other, own in WORDS.items() if other.startswith(category)]
            assert all(own is words or not own & words for own in others), trait


def test_plain_words_leave_numbers_and_short_words_out() -> None:
    rows = [said("An Owl saw 12 cats", "go"), said("owl")]
    assert plain_words(rows) == {"owl", "saw", "cats"}
