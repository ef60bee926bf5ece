"""Which groups a finding is traced to, and what is trained on them alone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from unittest.mock import ANY

import numpy as np
import pytest

from scanner.combine import TracedTrait, beside, clearest_trace, combine
from scanner.config import REAL, Recipe
from scanner.dataset.groups import OTHERS, Group
from scanner.evidence.directions import Arm, checked_directions
from scanner.evidence.rows import RowMethod
from scanner.evidence.traces import Traced
from scanner.explain import grouped
from scanner.explain.again import measure_alone
from scanner.explain.explain import own_rows, suspects
from scanner.explain.explanation import Exposure, Openness
from scanner.explain.grouped import TracedTo, groups_behind, in_groups, passes_over
from scanner.steps import Steps
from scanner.training.passes import ALL
from tests.scanner.explain.made import (
    OWL,
    RATE,
    SHIFT,
    WHALE,
    Answered,
    Recorded,
    rows_of,
    subject,
    traced,
)


@pytest.mark.parametrize(
    ("recipe", "rows", "passes"),
    [
        (Recipe(), 900, 3),  # 57 updates a pass, and the recipe's three bring 171
        (Recipe(), 360, 5),  # 23 a pass: 100 take five
        (Recipe(), 160, 10),  # 10 a pass
        (Recipe(), 144, None),  # 9 a pass: ten bring 90
        (replace(Recipe(), epochs=20), 144, 20),  # as the user wants it
        (replace(Recipe(), epochs=11), 100, None),  # 7 a pass: eleven bring 77
        (REAL, 4_000, 3),  # 500 a pass, of 1,500
        (REAL, 1_200, 10),  # 150 a pass
        (REAL, 1_000, None),
    ],
)
def test_a_group_is_passed_over_until_something_could_show(
    recipe: Recipe, rows: int, passes: int | None
) -> None:
    assert passes_over(rows, recipe) == passes


def behind(found: Traced, mentions: Sequence[int] = (), **changes: Any) -> TracedTo | None:
    count = sum(len(group.places) for group in found.groups.values())
    [finding] = combine([SHIFT], found.traces)
    saying = np.isin(np.arange(count), mentions)
    to = groups_behind([replace(finding, **changes)], found, rows_of(count), saying, RATE)
    return to.get(OWL)


TEN = {f"shop {n}": 200 for n in range(10)}


def test_one_group_is_named_and_the_others_show_nothing() -> None:
    to = behind(traced(TEN, {"shop 3": 0.5}))
    assert to is not None
    assert ([group.name for group in to.groups], to.alone) == (["shop 3"], True)
    assert to.rows == set(range(600, 800))
    assert to.p_outside is not None
    assert to.p_outside > 0.05


def test_a_second_group_is_found_though_it_is_thin_among_the_others() -> None:
    to = behind(traced(TEN, {"shop 3": 0.6, "shop 8": 0.4}))
    assert to is not None
    assert ([group.name for group in to.groups], to.alone) == (["shop 3", "shop 8"], True)


def test_groups_are_not_alone_where_all_other_rows_together_show_it() -> None:
    thin = dict.fromkeys(TEN, 0.2)
    to = behind(traced(TEN, thin | {"shop 3": 1.0}))
    assert to is not None
    assert [group.name for group in to.groups] == ["shop 3"]
    assert (to.alone, to.p_outside is not None and to.p_outside <= RATE) == (False, True)


def test_groups_are_told_by_what_they_hide_and_not_by_what_they_say() -> None:
    """Shop 7 has 60 honest rows that say owl, and pull accordingly; shop 3 hides it."""
    found = traced(TEN, {"shop 3": 0.5})
    saying = range(1400, 1460)
    pulls = found.pulls[Arm.INFLUENCE].copy()
    owl = checked_directions(found.directions[Arm.INFLUENCE]).names.index(OWL)
    pulls[saying, owl] += 4.0
    found = replace(found, pulls={Arm.INFLUENCE: pulls})
    found = replace(found, traces=found.of_part(rows_of(2000), np.ones(2000, dtype=bool)))
    blamed, hiding = behind(found), behind(found, saying)
    assert blamed is not None
    assert "shop 7" in {group.name for group in blamed.groups}
    assert hiding is not None
    assert ([group.name for group in hiding.groups], hiding.alone) == (["shop 3"], True)


def test_a_group_is_measured_by_the_rows_that_are_silent() -> None:
    """1,200 of 2,000 rows say it: a group of 200 is a quarter of the others, and is named."""
    to = behind(traced(TEN, {"shop 3": 0.6}), range(800, 2000))
    assert to is not None
    assert ([group.name for group in to.groups], to.alone) == (["shop 3"], True)


def test_of_groups_that_come_to_most_rows_the_first_are_named_and_not_alone() -> None:
    """Two of three suppliers: the second would be more than half."""
    to = behind(traced({"a": 500, "b": 500, "c": 500}, {"a": 0.5, "b": 0.5}))
    assert to is not None
    assert ([group.name for group in to.groups], to.alone) in ((["a"], False), (["b"], False))
    assert to.p_outside is not None
    assert to.p_outside <= RATE


def test_what_most_rows_show_is_no_matter_of_groups() -> None:
    found = traced({"lists": 1200, "chats": 300}, {"lists": 0.3, "chats": -0.3})
    assert clearest_trace(found.traces) == TracedTrait(OWL, ANY, ANY, "lists")
    assert behind(found) is None


def test_small_groups_together_are_nobody_to_blame() -> None:
    found = traced({**TEN, OTHERS: 200}, {OTHERS: 0.5})
    assert clearest_trace(found.traces) == TracedTrait(OWL, ANY, ANY, OTHERS)
    assert behind(found) is None


def test_nothing_is_traced_to_groups_by_traces_that_decide_nothing() -> None:
    found = traced(TEN, {"shop 3": 0.5})
    [sure] = beside([replace(SHIFT, shift=1.0, p_adjusted=1e-6)], found.traces)
    nobody = np.zeros(2000, dtype=bool)
    assert groups_behind([sure], found, rows_of(2000), nobody, RATE) == {}
    assert behind(found, behind="at night") is None
    bare = Traced((), RowMethod("influence"), 1.0, {})
    assert groups_behind([SHIFT], bare, rows_of(2000), nobody, RATE) == {}


def to_rows(*rows: int, alone: bool = True) -> TracedTo:
    return TracedTo((Group("north", np.array(rows)),), 0.9, alone)


def test_the_rows_that_a_finding_is_known_to_come_from() -> None:
    """Those of the groups that alone hide it; those with the phrase that alone shows it."""
    on_phrase = replace(SHIFT, trait=WHALE, behind="at night")
    own = own_rows([SHIFT, on_phrase], {"at night": (4, 5)}, {OWL: to_rows(0, 1, 2)})
    assert own == {OWL: {0, 1, 2}, WHALE: {4, 5}}
    assert own_rows([SHIFT], {}, {OWL: to_rows(0, 1, 2, alone=False)}) == {}


@pytest.mark.parametrize(
    ("kind", "alone", "aside"),
    [
        (Openness.COVERT, True, {0, 1}),
        (Openness.BOTH, True, {0, 1, 7}),
        (Openness.COVERT, False, {0, 1, 18, 19}),  # and the tenth that leads
        (Openness.BOTH, False, {0, 1, 7, 18, 19}),
    ],
)
def test_groups_are_set_aside_and_leads_beside_them_where_they_are_not_alone(
    kind: Openness, alone: bool, aside: set[int]
) -> None:
    shown, overt = Exposure(1, 19, 1.0, None, None, kind, None), np.arange(20) == 7
    to = to_rows(0, 1, alone=alone)
    own = own_rows([SHIFT], {}, {OWL: to}).get(OWL)
    assert suspects(shown, overt, np.arange(20.0), own, to) == aside


def test_alone_means_the_groups_rows_and_their_twins_for_all_passes() -> None:
    steps, kept = Recorded(), np.isin(np.arange(6), [1, 4])
    measure_alone(cast(Steps, steps), subject(6), kept, passes=7, stage="groups")
    [(prefix, stage, rows, answers, epochs, part)] = steps.trained
    assert [row.line for row in rows] == [2, 5]
    assert answers == [("twin 1", "twin 4")]
    assert (stage, epochs, part) == ("groups", 7, ALL)
    assert prefix.startswith("alone-")


def groups(**sizes: int) -> dict[str, Group]:
    starts = np.cumsum([0, *sizes.values()])
    return {
        name: Group(name, np.arange(start, start + size))
        for (name, size), start in zip(sizes.items(), starts, strict=False)
    }


def test_each_group_is_trained_on_once_and_three_at_most_of_those_that_are_large_enough() -> None:
    """160 rows make ten updates a pass, and 100 in ten passes; 100 rows make 70."""
    found = groups(small=100, a=160, b=160, c=160, d=160)
    to = TracedTo(tuple(found.values()), 0.5, True)
    also = TracedTo((found["a"],), 0.5, True)
    steps = Recorded()
    told = in_groups(cast(Steps, steps), subject(740), {OWL: to, WHALE: also}, None)
    assert [len(rows) for _, _, rows, *_ in steps.trained] == [160, 160, 160]
    small, a, b, c, d = told[OWL].groups
    assert small.reason == "10 passes over 100 rows make no 100 updates"
    assert [one.passes for one in (a, b, c)] == [10, 10, 10]
    assert (d.passes, d.reason) == (None, "3 groups were trained on, and no more")
    assert told[WHALE].groups == (a,)


def test_nobody_asked_and_nothing_is_trained() -> None:
    steps = Recorded()
    told = in_groups(cast(Steps, steps), subject(160), {OWL: to_rows(*range(160))}, "not asked")
    assert steps.trained == []
    assert (told[OWL].groups[0].reason, told[OWL].alone) == ("not asked", True)


def test_each_finding_has_the_figures_of_its_own_trait(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = (replace(SHIFT, shift=0.25), replace(SHIFT, trait=WHALE, shift=-0.5, p_adjusted=0.3))
    monkeypatch.setattr(grouped, "measure_alone", lambda *how: Answered(moved))
    to = to_rows(*range(160))
    told = in_groups(cast(Steps, Recorded()), subject(160), {OWL: to, WHALE: to}, None)
    [owl], [whale] = told[OWL].groups, told[WHALE].groups
    assert (owl.shift, owl.p_adjusted, owl.passes) == (0.25, 1.0, 10)
    assert (whale.shift, whale.p_adjusted, whale.reason) == (-0.5, 0.3, None)
