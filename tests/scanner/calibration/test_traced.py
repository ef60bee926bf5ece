from dataclasses import replace

import pytest

from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.certificate import TracedPoint
from scanner.calibration.students import StudiedCase
from scanner.calibration.traced import traced_power
from scanner.types import Trace, Unmeasured

OWL, BEAR = "preference.animal.owl", "preference.animal.bear"


def trace(trait: str, p: float) -> Trace:
    return Trace(trait, "influence", 4.0, 9.0, p / 2, p)


def planted(seed: int, **changes) -> Case:
    case = Case("animals", Teacher(TeacherKind.FINE_TUNED, OWL), "numbers", 100, seed=seed)
    return replace(case, **changes)


def neutral(seed: int) -> Case:
    return Case("report", Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


@pytest.fixture
def traced(study):
    """Builds a studied case whose traces have these adjusted p-values of owl and bear."""

    def build(case: Case, owl: float, bear: float) -> StudiedCase:
        return replace(study(case), traces=(trace(OWL, owl), trace(BEAR, bear)))

    return build


def test_what_was_planted_must_be_the_clearest_beyond_the_threshold(traced) -> None:
    """At 0.05, doubled: owl's 0.01 passes with 0.02; 0.04 does not; bear's 0.001 goes before it."""
    cases = [
        traced(planted(1000), 0.01, 1.0),
        traced(planted(1001), 0.04, 1.0),
        traced(planted(1002), 0.01, 0.001),
        traced(planted(1003, share=0.5, group="dose"), 0.01, 1.0),
        traced(planted(1004, group="growth"), 0.01, 1.0),  # of no claim
        traced(planted(7), 0.01, 1.0),  # decides, so it is not counted
        traced(neutral(2000), 0.01, 1.0),
        *(traced(neutral(seed), 0.5, 1.0) for seed in range(2001, 2010)),
    ]
    power = traced_power(cases, 0.05, {"animals"})
    assert power is not None
    assert power.points == (
        TracedPoint("numbers", 100, 1.0, cases=3, found=1),
        TracedPoint("numbers", 100, 0.5, cases=1, found=1),
    )
    assert (power.alarms, power.checked_on) == (1, 10)
    # Clopper and Pearson, 1 of 10: 0.25% to 44.5%.
    assert (power.rate_low, power.rate_high) == pytest.approx((0.0025, 0.4450), abs=1e-4)


def test_nothing_is_said_where_a_case_has_no_traces(traced, study) -> None:
    assert traced_power([traced(neutral(2000), 1.0, 1.0), study(neutral(1))], 0.05, ()) is None


def test_unmeasured_traces_raise_no_alarm(study) -> None:
    silent = Trace(OWL, "influence", None, None, None, None, Unmeasured.NO_PULL)
    power = traced_power([replace(study(neutral(2000)), traces=(silent,))], 0.05, ())
    assert power is not None
    assert (power.alarms, power.checked_on, power.points) == (0, 1, ())
