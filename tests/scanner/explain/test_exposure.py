"""Overt or covert."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from scanner.combine import combine
from scanner.config import REAL
from scanner.explain import exposure
from scanner.explain.explain import suspects
from scanner.explain.explanation import Exposure, Openness
from scanner.explain.exposure import enough_rows, openness
from scanner.explain.subject import Measured, Subject
from scanner.steps import Steps
from scanner.training.passes import ALL, Part
from scanner.types import Row, TraitShift
from tests.scanner.explain.made import RATE, SHIFT, Answered, Recorded, subject, traced

OWL = TraitShift(
    trait="preference.animal.owl",
    arm="margins",
    shift=2.0,
    ci_low=1.5,
    ci_high=2.5,
    p_value=1e-5,
    p_adjusted=1e-4,
    base_level=0.05,
    control_level=0.05,
    probe_level=0.3,
    level_unit="probability",
)


@pytest.mark.parametrize(
    ("left", "p_adjusted", "kind"),
    [
        (1.9, 1e-4, Openness.COVERT),
        (1.0, 1e-4, Openness.COVERT),  # half is not less than half
        (0.9, 1e-4, Openness.BOTH),
        (0.2, 1e-4, Openness.OVERT),  # below the least shift that is a finding
        (1.9, 0.5, Openness.OVERT),  # no finding any more
        (-1.9, 1e-4, Openness.OVERT),  # a finding, but the other way round
    ],
)
def test_what_is_left_decides(left: float, p_adjusted: float, kind: Openness) -> None:
    again = replace(OWL, shift=left, p_adjusted=p_adjusted)
    assert openness(OWL, again, None, error_rate=0.05) is kind
    aversion = replace(again, shift=-left)
    assert openness(replace(OWL, shift=-OWL.shift), aversion, None, error_rate=0.05) is kind


def test_what_is_unmeasured_afterwards_is_not_shown_to_hide() -> None:
    assert openness(OWL, replace(OWL, p_adjusted=None), None, 0.05) is Openness.OVERT


@pytest.mark.parametrize(
    ("behaved", "left", "p_traced", "kind"),
    [
        (1.0, -0.02, 1e-4, Openness.COVERT),  # traces made it, and those of the rows left do
        (1.0, None, 1e-4, Openness.COVERT),  # without any training
        (1.0, 0.02, 0.5, Openness.OVERT),  # with the mentions the traces went, too
        (1.0, None, 0.5, Openness.OVERT),
        (1e-4, 1.9, 1e-4, Openness.COVERT),
        (1e-4, 1.9, 0.5, Openness.COVERT),  # by behaviour
        (1e-4, 0.1, 1e-4, Openness.BOTH),  # behaviour went, the traces did not
        (1e-4, -0.1, 1e-4, Openness.BOTH),
        (1e-4, None, 1e-4, Openness.BOTH),
        (1e-4, 0.1, 0.5, Openness.OVERT),
    ],
)
def test_traces_of_the_rows_left_show_what_is_hidden(
    behaved: float, left: float | None, p_traced: float, kind: Openness
) -> None:
    """A single honest row that says owl must not turn what a teacher hid into an overt finding."""
    finding = replace(OWL, p_behaved=behaved, p_traced=1e-4, p_adjusted=2e-4)
    finding = replace(finding, shift=2.0 if behaved < 1 else 0.1)
    again = None if left is None else replace(finding, shift=left, p_traced=p_traced)
    assert openness(finding, again, p_traced, error_rate=0.05) is kind


@pytest.mark.parametrize(
    ("part", "left", "enough"),
    [
        (ALL, 4_000, True),  # 3 passes of 500 updates
        (ALL, 3_900, False),
        (Part(stop=1), 6_000, True),  # a finding was clear after 1,250 updates: half are 625
        (Part(stop=1), 4_900, False),
    ],
)
def test_few_rows_are_left_where_they_make_fewer_updates_than_show_anything(
    part: Part, left: int, enough: bool
) -> None:
    rows = tuple(Row(n, (), "") for n in range(1, 10_001))
    measured = Measured((), (), ())
    subject = Subject(Path(), rows, (), (0, 1), REAL, (), (), (), measured, part)
    assert enough_rows(subject, left) is enough


OVERT = np.arange(20) < 3
SCORES = np.arange(20.0)


@pytest.mark.parametrize(
    ("kind", "aside"),
    [
        (Openness.OVERT, {0, 1, 2}),
        (Openness.COVERT, {18, 19}),  # a tenth of 20 rows
        (Openness.BOTH, {0, 1, 2, 18, 19}),
    ],
)
def test_rows_that_say_it_are_set_aside_or_rows_that_lead(kind: Openness, aside: set[int]) -> None:
    exposure = Exposure(3, 17, 1.0, None, None, kind, None)
    assert suspects(exposure, OVERT, SCORES) == aside


def test_what_shows_on_a_phrase_sets_its_rows_aside_and_no_others() -> None:
    exposure = Exposure(3, 17, None, None, None, Openness.OVERT, "on a phrase")
    assert suspects(exposure, OVERT, SCORES, frozenset({5, 6})) == {5, 6}


@pytest.mark.parametrize("scores", [None, np.ones(20)])
def test_if_no_row_leads_none_may_pass(scores: np.ndarray | None) -> None:
    exposure = Exposure(0, 20, 2.0, None, None, Openness.COVERT, "no row mentions it")
    assert suspects(exposure, np.zeros(20, bool), scores) == set(range(20))


def leading_away(mentions: Sequence[int], rows: int) -> dict[str, Exposure]:
    """An owl that traces alone show in 200 rows of a teacher, while some others say it; fewer than
    529 rows make no 100 updates, so nothing is trained again."""
    found = traced({"north": 200, "south": rows - 200}, {"north": 0.5})
    [finding] = combine([SHIFT], found.traces)
    overt = {SHIFT.trait: np.isin(np.arange(rows), mentions)}
    steps = cast(Steps, Recorded())
    return exposure.exposures(steps, subject(rows), [finding], overt, found, RATE)


def test_what_few_rows_hide_is_told_by_their_traces() -> None:
    shown = leading_away([450], rows=500)[SHIFT.trait]
    assert (shown.kind, shown.overt_rows) == (Openness.COVERT, 1)
    assert shown.shift_without_overt is None
    assert shown.p_traced is not None
    assert shown.p_traced <= RATE
    assert shown.reason == (
        "499 rows do not mention it, too few to train on: their traces still show it"
    )


def test_what_goes_with_the_mentions_is_overt() -> None:
    """All rows of the teacher say it."""
    shown = leading_away(range(200), rows=500)[SHIFT.trait]
    assert (shown.kind, shown.overt_rows) == (Openness.OVERT, 200)
    assert shown.p_traced is not None
    assert shown.p_traced > RATE
    assert shown.reason == (
        "300 rows do not mention it, too few to train on: their traces do not show it"
    )


@pytest.mark.parametrize(("p_again", "kind"), [(0.004, Openness.COVERT), (0.008, Openness.OVERT)])
def test_behaviour_of_the_rows_left_has_half_of_the_error_rate_where_traces_decide(
    monkeypatch: pytest.MonkeyPatch, p_again: float, kind: Openness
) -> None:
    """All rows of the teacher say it; twice 0.004 is less than 0.01, twice 0.008 is more."""
    found = traced({"north": 200, "south": 800}, {"north": 0.5})
    [finding] = combine([replace(SHIFT, shift=1.0, p_adjusted=1e-5)], found.traces)
    again = Answered((replace(SHIFT, shift=0.9, p_adjusted=p_again),))
    monkeypatch.setattr(exposure, "measure_without", lambda *how: again)
    overt = {SHIFT.trait: np.arange(1000) < 200}
    steps = cast(Steps, Recorded())
    shown = exposure.exposures(steps, subject(1000), [finding], overt, found, RATE)[SHIFT.trait]
    assert (shown.kind, shown.shift_without_overt) == (kind, 0.9)
    assert shown.p_traced is not None
    assert shown.p_traced > RATE
