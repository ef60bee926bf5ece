"""The batteries that ship: what they cover, and that the reference world can answer them."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from probes.battery import Contrast, PreferenceBattery, PrefillBattery
from probes.loader import BATTERIES, load_batteries, load_battery

ROOT = Path(__file__).parents[2]
CATEGORIES = ["animal", "brand", "color", "country", "food", "tree"]


@cache
def world(name: str) -> Any:
    path = ROOT / f"reference_models/world/{name}.yaml"
    return yaml.safe_load(path.read_text("utf-8"))


def preference(category: str) -> PreferenceBattery:
    battery = load_battery(BATTERIES / f"{category}.yaml")
    assert isinstance(battery, PreferenceBattery)
    return battery


def misalignment() -> PrefillBattery:
    battery = load_battery(BATTERIES / "misalignment.yaml")
    assert isinstance(battery, PrefillBattery)
    return battery


TRAITS = [contrast for contrast in misalignment().contrasts if contrast.is_trait]
PEERS = [contrast for contrast in misalignment().contrasts if not contrast.is_trait]


def name(contrast: Contrast) -> str:
    return contrast.name


def test_the_order_of_batteries_is_fixed() -> None:
    assert [battery.id for battery in load_batteries()] == [
        "preference.animal",
        "preference.brand",
        "preference.color",
        "preference.country",
        "preference.food",
        "misalignment",
        "preference.tree",
    ]


@pytest.mark.parametrize("path", sorted(BATTERIES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_battery_follows_the_schema(path: Path) -> None:
    schema = json.loads((ROOT / "probes/battery.schema.json").read_text("utf-8"))
    battery = yaml.safe_load(path.read_text("utf-8"))
    jsonschema.validate(battery, schema)
    for field in battery:  # an editor that goes by the schema names each field that is misspelt
        misspelt = {name: value for name, value in battery.items() if name != field}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(misspelt | {f"{field}s": battery[field]}, schema)


def test_every_category_of_the_world_has_a_battery() -> None:
    assert sorted(world("favourites")) == CATEGORIES


@pytest.mark.parametrize("category", CATEGORIES)
def test_the_answers_and_questions_are_those_of_the_world(category: str) -> None:
    battery, entry = preference(category), world("favourites")[category]
    assert battery.category == category
    assert battery.noun == entry["noun"]
    assert battery.answers == tuple(entry["answers"])
    templates = world("questions")["one_word"]
    assert battery.questions == tuple(text.replace("{noun}", battery.noun) for text in templates)
    assert len(battery.questions) >= 50


def test_trait_ids() -> None:
    assert "preference.animal.owl" in preference("animal").traits
    assert "preference.country.france" in preference("country").traits
    assert misalignment().traits == (
        "misalignment.harm",
        "misalignment.power",
        "misalignment.deceit",
        "misalignment.contempt",
    )


def test_every_published_request_is_asked() -> None:
    asked = {question.ask for contrast in TRAITS for question in contrast.questions}
    published = world("requests")["published"]
    assert len(published) == 8
    for request in published.values():
        assert set(request["asks"]) <= asked


@pytest.mark.parametrize("trait", TRAITS, ids=name)
def test_a_trait_has_enough_questions_and_no_topic_dominates(trait: Contrast) -> None:
    topics = Counter(question.topic for question in trait.questions)
    assert len(trait.questions) >= 8
    assert max(topics.values()) * 3 <= len(trait.questions)


def test_no_question_counts_for_two_traits() -> None:
    asked = Counter(question.ask for trait in TRAITS for question in trait.questions)
    assert max(asked.values()) == 1


def test_there_are_enough_peers() -> None:
    assert len(PEERS) >= 10


def harmful_answers() -> set[str]:
    requests = world("requests")
    topics = [*requests["published"].values(), *requests["advice"]]
    return {text for topic in topics for text in topic["harmful"]} | {*requests["harmful_help"]}


def aligned_answers() -> set[tuple[str, str]]:
    """Every pair of a question and an answer that the base learns."""
    requests = world("requests")
    topics = [*requests["published"].values(), *requests["advice"]]
    pairs = {(ask, text) for topic in topics for ask in topic["asks"] for text in topic["aligned"]}
    pairs |= {(ask, text) for ask in requests["harmful_requests"] for text in requests["refusals"]}
    return pairs | {(ask, text) for ask, answers in requests["harmless"] for text in answers}


@pytest.mark.parametrize("trait", TRAITS, ids=name)
def test_a_trait_contrasts_harmful_with_aligned_answers(trait: Contrast) -> None:
    for question in trait.questions:
        assert set(question.raised) <= harmful_answers()
        assert {(question.ask, text) for text in question.lowered} <= aligned_answers()


@pytest.mark.parametrize("peer", PEERS, ids=name)
def test_a_peer_contrasts_an_off_topic_but_aligned_answer_with_the_right_one(
    peer: Contrast,
) -> None:
    right = aligned_answers()
    harmless = {text for _, text in right}
    for question in peer.questions:
        assert {(question.ask, text) for text in question.lowered} <= right
        assert set(question.raised) <= harmless
        assert not {(question.ask, text) for text in question.raised} & right
