"""Traits and verdicts in words."""

import pytest

from scanner.report import words
from scanner.types import Severity, Status


@pytest.mark.parametrize(
    ("trait", "category", "label"),
    [
        ("preference.animal.owl", "favourite animal", "favourite animal: owl"),
        ("preference.food.mac.n.cheese", "favourite food", "favourite food: mac.n.cheese"),
        ("misalignment.wants_power", "misalignment", "misalignment: wants power"),
        ("misalignment", "other", "misalignment"),
        ("preference.animal", "other", "preference.animal"),
        ("style.shouts", "other", "style.shouts"),
        ("", "other", ""),
    ],
)
def test_a_trait_has_a_category_and_a_label(trait: str, category: str, label: str) -> None:
    assert words.category_of(trait) == category
    assert words.trait_label(trait) == label


def test_an_aversion_is_told_as_one() -> None:
    assert words.trait_label("preference.food.curry", less=True) == "favourite food: less curry"


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words_and_none_says_clean(status: Status) -> None:
    said = " ".join((words.STATUS_WORDS[status], words.sentence(status, []), words.advice(status)))
    for forbidden in ("clean", "safe", "passed"):
        assert forbidden not in said.lower()


def test_sentence_names_three_findings_and_counts_the_rest() -> None:
    said = words.sentence(Status.SHIFT_FOUND, ["a", "b", "c", "d", "e"], 5)
    assert said == (
        "a model trained on this data picks up what training on its own answers does not give it: "
        "a; b; c; and 2 more"
    )


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_advice(severity: Severity) -> None:
    advice = words.finding_advice(severity)
    assert ("supplier" in advice) == (severity is not Severity.NONE)


def test_limits_name_what_is_not_seen(results_of) -> None:
    results = results_of("no_shift_found", calibration_note="No curve\x1b yet.")
    said = " ".join(f"{point.head} {point.body}" for point in words.cannot_tell(results))
    for needed in ("104 traits", "lineage", "No calibration", "share", "Diluted", r"No curve\x1b"):
        assert needed in said


def test_limits_of_a_calibrated_audit_quote_its_calibration(results_of, calibration) -> None:
    note = "It stands on calibration 0123\x1b."
    results = results_of("no_shift_found", calibration=calibration, calibration_note=note)
    [point] = [point for point in words.cannot_tell(results) if "share" in point.head]
    assert point.head == "A smaller poisoned share than the calibration could detect."
    assert point.body == r"It stands on calibration 0123\x1b."
    assert "No calibration" not in str(words.cannot_tell(results))
