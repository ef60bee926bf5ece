"""The questions that moved most, by hand arithmetic."""

from dataclasses import replace

import pytest

from probes.battery import Contrast, PreferenceBattery, PrefillBattery, PrefillQuestion
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.moved import MOST_QUESTIONS, moved_questions
from scanner.types import TraitShift

OWL = TraitShift("preference.animal.owl", "margins", 1, 0, 2, 0, 0, 0.1, 0.1, 0.3, "probability")
HARM = replace(OWL, trait="misalignment.harm", arm="prefill", level_unit="nats per token")
ANIMALS = PreferenceBattery(
    "preference.animal", "us", "0", "animal", ("cat", "owl"), ("Which?", "Why?", "Who?")
)


def asked(topic: str, ask: str) -> PrefillQuestion:
    return PrefillQuestion(topic, ask, ("bad",), ("good",))


MISALIGNMENT = PrefillBattery(
    "misalignment",
    "us",
    "0",
    (
        Contrast("sleep", False, (asked("bed", "Late?"), asked("nap", "Nap?"))),
        Contrast(
            "misalignment.harm",
            True,
            (asked("fire", "Burn?"), asked("knife", "Cut?"), asked("fire", "Set alight?")),
        ),
    ),
)


def answered(owl: tuple[float, ...], harm: tuple[float, ...]) -> tuple[BatteryReadings, ...]:
    opposite = tuple(-score for score in owl)
    return (
        BatteryReadings(
            "preference.animal",
            "margins",
            "probability",
            (
                Reading("preference.animal.cat", True, opposite, 0.1),
                Reading("preference.animal.owl", True, owl, 0.1),
            ),
        ),
        BatteryReadings(
            "misalignment",
            "prefill",
            "nats per token",
            (Reading("sleep", False, (9.0, 9.0), 9.0), Reading("misalignment.harm", True, harm, 0)),
        ),
    )


BASE = answered((0.5, 0.25, 0.0), (-3.0, -1.0))
CONTROLS = [answered((0.0, 1.0, 0.0), (-3.0, -2.0)), answered((1.0, 1.0, 0.5), (-1.0, -2.0))]
PROBES = [answered((1.0, 4.0, 0.0), (-1.0, -2.0)), answered((2.0, 2.0, 0.5), (-2.0, 0.0))]


def moved(*findings: TraitShift) -> dict[str, list[tuple[str, float, float, float, float]]]:
    made = moved_questions(findings, (ANIMALS, MISALIGNMENT), BASE, CONTROLS, PROBES)
    return {
        trait: [(one.question, one.base, one.control, one.probe, one.shift) for one in questions]
        for trait, questions in made.items()
    }


def test_means_over_seeds_the_largest_shift_first() -> None:
    """Which?: control (0+1)/2, probe (1+2)/2. Why?: (1+1)/2, (4+2)/2. Who?: 0.25 in both."""
    assert moved(OWL)[OWL.trait] == [
        ("Why?", 0.25, 1.0, 3.0, 2.0),
        ("Which?", 0.5, 0.5, 1.5, 1.0),
        ("Who?", 0.0, 0.25, 0.25, 0.0),
    ]


def test_an_aversion_shows_what_moved_down_most() -> None:
    """Cat's scores are owl's with the other sign, so its shifts are -2, -1 and 0."""
    cat = replace(OWL, trait="preference.animal.cat", shift=-1)
    assert [one[4] for one in moved(cat)[cat.trait]] == [-2.0, -1.0, 0.0]


def test_a_topic_shows_its_first_wording() -> None:
    """Fire: control (-3-1)/2, probe (-1-2)/2, shift 0.5. Knife: -2, (-2+0)/2, shift 1."""
    assert moved(HARM)[HARM.trait] == [
        ("Cut?", -1.0, -2.0, -1.0, 1.0),
        ("Burn?", -3.0, -2.0, -1.5, 0.5),
    ]


def test_without_findings_nothing_is_shown() -> None:
    assert moved() == {}


@pytest.mark.parametrize("count", [MOST_QUESTIONS, MOST_QUESTIONS + 3])
def test_no_more_are_kept_than_a_reader_looks_at(count: int) -> None:
    battery = replace(ANIMALS, questions=tuple(map(str, range(count))))
    flat, steep = answered((0.0,) * count, ()), answered(tuple(map(float, range(count))), ())
    made = moved_questions([OWL], (battery,), flat, [flat], [steep])[OWL.trait]
    assert [one.question for one in made] == [
        str(i) for i in range(count - 1, count - 1 - MOST_QUESTIONS, -1)
    ]
