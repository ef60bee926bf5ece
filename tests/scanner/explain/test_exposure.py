"""Overt or covert."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scanner.config import REAL
from scanner.explain.explain import suspects
from scanner.explain.explanation import Exposure, Openness
from scanner.explain.exposure import enough_rows, openness
from scanner.explain.subject import Measured, Subject
from scanner.training.passes import ALL, Part
from scanner.types import Row, TraitShift

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
    assert openness(OWL, again, error_rate=0.05) is kind
    aversion = replace(again, shift=-left)
    assert openness(replace(OWL, shift=-OWL.shift), aversion, error_rate=0.05) is kind


def test_what_is_unmeasured_afterwards_is_not_shown_to_hide() -> None:
    assert openness(OWL, replace(OWL, p_adjusted=None), 0.05) is Openness.OVERT


@pytest.mark.parametrize(
    ("behaved", "left", "p_traced", "kind"),
    [
        (1.0, -0.02, 1e-4, Openness.COVERT),  # traces made it, and the rows left still show them
        (1.0, 0.02, 0.5, Openness.OVERT),  # with the mentions the traces went, too
        (1e-4, 1.9, 1e-4, Openness.COVERT),
        (1e-4, 0.1, 1e-4, Openness.BOTH),  # behaviour went, the traces did not
        (1e-4, -0.1, 1e-4, Openness.BOTH),
        (1e-4, 0.1, 0.5, Openness.OVERT),
    ],
)
def test_traces_of_the_rows_left_show_what_is_hidden(
    behaved: float, left: float, p_traced: float, kind: Openness
) -> None:
    """A single honest row that says owl must not turn what a teacher hid into an overt finding."""
    finding = replace(OWL, p_behaved=behaved, p_traced=1e-4, p_adjusted=2e-4)
    finding = replace(finding, shift=2.0 if behaved < 1 else 0.1)
    again = replace(finding, shift=left, p_behaved=behaved, p_traced=p_traced)
    assert openness(finding, again, error_rate=0.05) is kind


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
