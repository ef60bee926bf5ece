"""Rows unlike the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from scanner.dataset.screen.findings import Place, Unscreened
from scanner.dataset.screen.languages import languages_of
from scanner.dataset.screen.outliers import (
    UnusualKindRule,
    UnusualLengthRule,
    script_of,
    scripts_of,
)
from scanner.types import Masked, Severity

ENGLISH = [
    f"The {noun} sat in the old tree and watched the people of the village {verb} all day long."
    for noun in ("owl", "hawk", "raven", "eagle", "cat", "fox", "bear", "wolf", "crow", "bat")
    for verb in ("work", "sing", "sleep", "play", "talk", "cook", "read", "walk", "run", "eat")
]
FRENCH = "Le hibou dormait dans le vieux ch\u00eane pendant que les gens du village travaillaient."


def test_lengths(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    # Usual length 99 (log1p 4.605); limits at a factor of e^2.1 = 8.166: 100 / 8.166 − 1 = 11.2
    # and 100 · 8.166 − 1 = 815.6.
    usual = ["x" * 99] * 200
    outcome = look(UnusualLengthRule(), rows(*usual, "x" * 815, "x" * 816, "x" * 12, "x" * 11))
    assert {one.what: (one.rows, one.place.line) for one in outcome.details} == {
        "longer than 816 characters": (1, 202),
        "shorter than 11 characters": (1, 204),
    }
    assert outcome.first == (Place(0, 202), Place(0, 204))
    assert outcome.severity is Severity.LOW
    assert outcome.details[0].values == {"usual_length": pytest.approx(99)}


def test_a_second_kind_of_answer_is_no_outlier(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    assert look(UnusualLengthRule(), rows(*["x" * 99] * 200, *["x" * 5000] * 5)) is None


def test_widely_spread_lengths_have_no_outliers(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    spread = ["x" * 2 ** (row % 12) for row in range(240)]
    assert look(UnusualLengthRule(), rows(*spread, "x" * 30_000)) is None


def test_too_few_rows_have_no_usual_length(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    expected = Unscreened("unusual-length", "fewer than 50 rows")
    assert look(UnusualLengthRule(), rows(*["x"] * 49)) == expected
    assert look(UnusualLengthRule(), []) == expected


def test_empty_answers_among_long_ones(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    [detail] = look(UnusualLengthRule(), rows(*["x" * 99] * 200, "")).details
    assert (detail.what, detail.rows) == ("shorter than 11 characters", 1)


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("owl", "LATIN"),
        ("na\u00efve", "LATIN"),
        ("\u0441\u043e\u0432\u0430 owl", "CYRILLIC"),
        ("\u3075\u304f\u308d\u3046\u306f\u68df", "CJK"),
        ("1, 2, 3", ""),
        ("\u2603 1", ""),
        ("", ""),
    ],
)
def test_script_of_a_text(text: str, script: str) -> None:
    assert script_of(text) == script


def test_a_few_rows_in_another_script(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    rule = UnusualKindRule("unusual-script", scripts_of)
    foreign = ("\u0441\u043e\u0432\u0430", "\u043c\u0435\u0434\u0432\u0435\u0434\u044c")
    outcome = look(rule, rows(*ENGLISH, *ENGLISH, foreign, "\u0441\u043e\u0432\u0430 owl owl"))
    assert [(one.what, one.rows) for one in outcome.details] == [("CYRILLIC", 1)]
    assert outcome.first == (Place(0, 201),)


def test_a_set_of_several_scripts_has_no_unusual_one(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = UnusualKindRule("unusual-script", scripts_of)
    russian = [("\u0441\u043e\u0432\u0430", "\u0434\u0430")] * 30
    assert look(rule, rows(*ENGLISH, *russian, ("\u05e9\u05dc\u05d5\u05dd", "\u05d0"))) is None


def test_a_few_rows_in_another_language(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    rule = UnusualKindRule("unusual-language", languages_of)
    outcome = look(rule, rows(*((text, text) for text in ENGLISH), (FRENCH, FRENCH)))
    assert [(one.what, one.rows, one.place.line) for one in outcome.details] == [("fr", 1, 101)]


def test_too_few_rows_to_tell(look: Callable[..., Any], rows: Callable[..., Any]) -> None:
    rule = UnusualKindRule("unusual-script", scripts_of)
    reason = "fewer than 50 rows that can be told apart"
    assert look(rule, rows(*[("1", "2")] * 60)) == Unscreened("unusual-script", reason)
    assert look(rule, []) == Unscreened("unusual-script", reason)


def test_texts_without_loss_are_left_out(
    look: Callable[..., Any], rows: Callable[..., Any]
) -> None:
    rule = UnusualKindRule("unusual-script", scripts_of)
    assert look(rule, rows(*ENGLISH), [Masked(1, "\u0441\u043e\u0432\u0430")]) is None
