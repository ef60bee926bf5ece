"""Looking early: what is clear after one pass, by hand."""

from typing import Any

import numpy as np
import pytest

from scanner.combine import combine
from scanner.config import AuditSettings, Recipe
from scanner.early import FIRST, REST, Look, look_at, until_clear
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.explain.subject import Measured, Subject
from scanner.training.passes import Part
from scanner.types import Trace, TraitShift
from scanner.verdict import is_finding

TRAITS, QUESTIONS = 12, 8
OWL = "preference.animal.a0"
RATE = 0.04


def model(seed: int, moved: float = 0.0) -> tuple[BatteryReadings, ...]:
    """Answers to one battery; the first trait is moved by so many nats on every question."""
    scores = np.random.default_rng(seed).normal(0, 0.3, (TRAITS, QUESTIONS))
    scores[0] += moved
    readings = tuple(
        Reading(f"preference.animal.a{n}", True, tuple(own.tolist()), 0.1)
        for n, own in enumerate(scores)
    )
    return (BatteryReadings("preference.animal", "margin", "probability", readings),)


def measured(moved: float) -> Measured:
    """Two pairs whose probes moved the first trait."""
    return Measured(model(0), (model(1), model(2)), (model(3, moved), model(4, moved)))


def owl(of: Measured) -> TraitShift:
    return next(one for one in of.weighed() if one.trait == OWL)


def test_what_moved_far_beyond_drift_and_peers_is_clear() -> None:
    """0.04 / 10, and half of it for behaviour: 0.002."""
    look = look_at(measured(2.0), 3, RATE)
    assert look.stopped
    assert (look.trait, look.threshold) == (OWL, pytest.approx(0.002))
    assert look.p_adjusted == owl(measured(2.0)).p_adjusted
    assert "Training stopped after 1 of 3 passes over the rows, for preference" in look.told


def test_what_would_be_a_finding_at_the_end_is_not_yet_clear() -> None:
    """A tenth of the rate is asked for, so some findings of the end must wait for it."""
    steps = np.arange(0.1, 3.0, 0.02)
    waits = [
        moved
        for moved in steps
        if is_finding(owl(measured(moved)), RATE) and not look_at(measured(moved), 3, RATE).stopped
    ]
    assert waits
    assert max(waits) < 2.0


@pytest.mark.parametrize("traced", [0.001, 1.0])
def test_what_is_clear_is_a_finding_whatever_traces_say(traced: float) -> None:
    """Behaviour counts twice where there are traces."""
    of = measured(2.0)
    assert look_at(of, 3, RATE).stopped
    trace = Trace(OWL, "influence", 0.1, 0.01, traced, traced)
    [weighed] = [one for one in combine(of.weighed(), [trace]) if one.trait == OWL]
    assert weighed.p_traced == traced
    assert is_finding(weighed, RATE / 10)


def test_nothing_moved_is_nothing_clear() -> None:
    assert look_at(measured(0.0), 3, RATE) == Look(1, 3, RATE / 20, None, None, stopped=False)
    assert look_at(measured(0.0), 3, RATE).told == ""


@pytest.mark.parametrize(
    "settings", [{"seeds": (0,)}, {"recipe": Recipe(epochs=1)}], ids=["one pair", "one pass"]
)
def test_one_pair_has_no_drift_and_one_pass_nothing_to_stop(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="two passes over the rows, and two pairs"):
        AuditSettings((), "reference-a", stop_early=True, **settings)


def subject(of: Measured, part: Part) -> Subject:
    """Only what is measured and the part are looked at."""
    made = object.__new__(Subject)
    object.__setattr__(made, "measured", of)
    object.__setattr__(made, "part", part)
    return made


def test_the_rest_is_trained_only_if_it_is_not_clear() -> None:
    for moved, expected in ((2.0, [FIRST]), (0.0, [FIRST, REST])):
        asked: list[Part] = []

        def measure(part: Part, moved: float = moved, asked: list[Part] = asked) -> Subject:
            asked.append(part)
            return subject(measured(moved), part)

        found, look = until_clear(measure, 3, RATE)
        assert asked == expected
        assert found.part == expected[-1]
        assert look.stopped == (len(expected) == 1)
