"""What one group shows by itself."""

from dataclasses import replace

import numpy as np
import pytest

from scanner.config import REAL, Recipe
from scanner.dataset.groups import Group
from scanner.evidence.rows import RowMethod
from scanner.evidence.traces import Traced
from scanner.explain.explain import own_rows
from scanner.explain.explanation import InGroup
from scanner.explain.grouped import passes_over
from scanner.types import TraitShift

OWL, WHALE = "preference.animal.owl", "preference.animal.whale"
SHIFT = TraitShift(OWL, "margins", 1.0, 0.8, 1.2, 1e-4, 0.01, 0.05, 0.05, 0.14, "probability")
NORTH = InGroup("north", 3, 0.9, False, None, None, None, None, None, "too few")


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


def traced(places: list[int]) -> Traced:
    group = Group("north", np.array(places))
    return Traced((), RowMethod("influence"), 1.0, {}, groups={"north": group})


def test_the_rows_that_a_finding_is_known_to_come_from() -> None:
    """Those of the group that alone hides it; those with the phrase that alone shows it."""
    behind = replace(SHIFT, trait=WHALE, behind="at night")
    phrases = {"at night": (4, 5)}
    own = own_rows([SHIFT, behind], phrases, {OWL: NORTH}, traced([0, 1, 2]))
    assert own == {OWL: {0, 1, 2}, WHALE: {4, 5}}


def test_a_group_that_is_not_alone_is_not_blamed_alone() -> None:
    shared = replace(NORTH, p_outside=0.001, outside=True)
    assert own_rows([SHIFT], {}, {OWL: shared}, traced([0, 1, 2])) == {}
