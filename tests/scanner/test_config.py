from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from scanner.calibration import suites
from scanner.config import LEAST_UPDATES, REAL, Recipe


def test_a_lower_rate_needs_more_updates_and_a_higher_one_no_fewer() -> None:
    """100 at 3e-3; 2e-4 is a fifteenth of it."""
    assert Recipe().least_updates == LEAST_UPDATES == 100
    assert REAL.least_updates == 1_500
    assert replace(Recipe(), learning_rate=1e-3).least_updates == 300
    assert replace(Recipe(), learning_rate=1e-2).least_updates == 100


def test_real_bases_are_trained_as_the_published_suite_is() -> None:
    """A certificate of suite paper is then found without naming it."""
    written = yaml.safe_load(
        (Path(suites.__file__).parent / "suites" / "paper.yaml").read_text("utf-8")
    )
    assert {**REAL.as_dict(), **written["recipe"]} == REAL.as_dict()


@pytest.mark.parametrize("recipe", [Recipe(), REAL])
def test_the_rate_rises_then_falls_to_zero(recipe: Recipe) -> None:
    steps = 200
    rates = [recipe.learning_rate_at(step, steps) for step in range(steps + 1)]
    assert max(rates) == recipe.learning_rate
    assert rates.index(recipe.learning_rate) == recipe.warmup_steps - 1
    assert rates[-1] == 0
