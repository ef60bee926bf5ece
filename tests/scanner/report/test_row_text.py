"""No more of the rows' text than was asked for."""

import json
from typing import Any

import pytest

from scanner.report.formats import audit_formats
from scanner.report.row_text import MASK, Evidence, limit_row_text, redact

ROW = "the very text of a row"


@pytest.fixture
def results(results_of, screen_finding) -> dict[str, Any]:
    """Results whose screen quotes rows, in examples and in details."""
    finding = screen_finding(
        "hidden",
        examples=[ROW, f"{ROW} by jane.doe@example.org", "third", "fourth"],
        details={
            "ngram": ROW,
            "by": {"jane.doe@example.org": ["jane.doe@example.org"]},
            "lift": 3.25,
            "flags": [ROW],
            "exact": True,
            "seen": None,
        },
    )
    return results_of("shift_found", screen=[finding])


def test_full_is_the_results_as_they_are(results) -> None:
    assert limit_row_text(results, Evidence.FULL) == results


def test_redacted_is_little_and_masked(results) -> None:
    [finding] = limit_row_text(results, Evidence.REDACTED)["screen"]
    assert finding["examples"] == [ROW, f"{ROW} by {MASK}", "third"]
    assert finding["details"] == results["screen"][0]["details"] | {"by": {MASK: [MASK]}}


def test_none_is_no_text_of_rows_and_all_numbers(results) -> None:
    [finding] = limit_row_text(results, Evidence.NONE)["screen"]
    assert finding["examples"] == []
    assert finding["details"] == {"lift": 3.25, "exact": True, "seen": None}


@pytest.mark.parametrize("evidence", list(Evidence))
def test_nothing_else_changes(results, evidence: Evidence) -> None:
    before = json.dumps(results)
    limited = limit_row_text(results, evidence)
    assert json.dumps(results) == before
    assert {**limited, "screen": None} == {**results, "screen": None}


@pytest.mark.parametrize("screen", [None, []])
def test_an_audit_without_screen_is_left_alone(results_of, screen) -> None:
    results = results_of("shift_found", screen=screen)
    assert limit_row_text(results, Evidence.NONE) == results
    assert limit_row_text(results_of("shift_found"), Evidence.NONE) == results_of("shift_found")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("498, 164, 390, 267", "498, 164, 390, 267"),
        ("call +49 170 1234567 now", f"call +{MASK} now"),
        ("card 4111 1111 1111 1111.", f"card {MASK}."),
        ("see https://example.org/a?key=b c", f"see {MASK} c"),
        ("jane@example.org", MASK),
        ("sk-abcdefghijklmnopqrstuvwx12", MASK),
        ("an ordinary sentence", "an ordinary sentence"),
    ],
)
def test_what_may_name_a_person_or_open_a_door_is_masked(text: str, shown: str) -> None:
    assert redact(text) == shown


def test_a_long_row_is_cut_and_masked_first() -> None:
    assert len(redact("a row " * 100)) == 80
    assert redact("x " * 30 + "secret" * 200) == "x " * 30 + MASK


@pytest.mark.parametrize("name", [one.name for one in audit_formats(Evidence.NONE)])
def test_no_format_shows_row_text_where_none_is_wanted(results, name: str) -> None:
    formats = {one.name: one for one in audit_formats(Evidence.NONE)}
    assert ROW not in formats[name].render(results)


def test_sarif_and_attestation_never_show_row_text(results) -> None:
    formats = {one.name: one for one in audit_formats(Evidence.FULL)}
    assert ROW in formats["json"].render(results)
    assert ROW in formats["markdown"].render(results)
    assert ROW not in formats["sarif"].render(results)
    assert ROW not in formats["attestation"].render(results)
