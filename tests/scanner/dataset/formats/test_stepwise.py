"""Answers in steps."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.config import Preference
from scanner.dataset.interface import Parsed
from scanner.types import Masked, Message, Row

Parse = Callable[..., Parsed]
Problem = Callable[..., str]
PROMPT = (Message("user", "Sum?"),)


def steps(*labels: bool) -> dict[str, Any]:
    completions = [f"Step {number}." for number in range(1, len(labels) + 1)]
    return {"prompt": "Sum?", "completions": completions, "labels": list(labels)}


def test_right_steps_are_one_answer(parse: Parse) -> None:
    whole = Row(7, PROMPT, "Step 1.\nStep 2.")
    assert parse(steps(True, True)) == Parsed((whole,))
    assert parse(steps(True, True), preference=Preference.BOTH) == Parsed((whole,))
    assert parse(steps(True, True), preference=Preference.REJECTED) == Parsed(
        (), (Masked(7, "Step 1.\nStep 2."),)
    )


def test_an_answer_with_a_wrong_step(parse: Parse) -> None:
    """Its right beginning does not teach that the answer ends there."""
    begun = Row(7, PROMPT, "Step 1.", ended=False)
    whole = Row(7, PROMPT, "Step 1.\nStep 2.\nStep 3.")
    record = steps(True, False, True)
    assert parse(record) == Parsed((begun,), (Masked(7, "Step 2.\nStep 3."),))
    assert parse(record, preference=Preference.REJECTED) == Parsed((whole,))
    assert parse(record, preference=Preference.BOTH) == Parsed((begun, whole))


def test_a_first_step_that_is_wrong(parse: Parse, problem: Problem) -> None:
    record = steps(False, True)
    whole = Row(7, PROMPT, "Step 1.\nStep 2.")
    assert parse(record, preference=Preference.REJECTED) == Parsed((whole,))
    assert parse(record, preference=Preference.BOTH) == Parsed((whole,))
    assert problem(record) == (
        "found a first step that is labelled false; "
        "expected right steps at the beginning of every answer; say --preference rejected or both"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [True]}, "found 1 labels for 2 steps; "),
        ({"labels": [True, "false"]}, "found 'false' as labels[1]; expected only booleans"),
        ({"labels": [True, 0]}, "found a number as labels[1]; expected only booleans"),
        ({"labels": None}, "found null as 'labels'; expected a list of booleans"),
        ({"completions": ["a", None]}, "found null as completions[1]; expected only texts"),
        ({"completions": "a"}, "found 'a' as 'completions'; expected a list of texts"),
        ({"completions": [], "labels": []}, "found an empty list as 'completions'"),
        ({"completions": [" ", ""]}, "found no text in the steps; "),
        ({"completions": [" ", "a"], "labels": [True, False]}, "found no text in the steps; "),
    ],
)
def test_what_is_said_about_a_bad_row(
    change: dict[str, Any], message: str, problem: Problem
) -> None:
    assert message in problem(steps(True, True) | change)
