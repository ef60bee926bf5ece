"""No more of the rows' text than was asked for."""

import json
from typing import Any

import pytest

from scanner.report.formats import audit_formats
from scanner.report.row_text import MASK, Evidence, limit_row_text, redact

ROW = "the very text of a row"


@pytest.fixture
def results(results_of, screen_finding, screen_detail) -> dict[str, Any]:
    """Results whose screen quotes rows: in examples, and in what one rule found."""
    hidden = [
        screen_detail("U+200B", example=ROW),
        screen_detail("U+200C", example=f"{ROW} by jane.doe@example.org"),
        screen_detail("U+200D", example="third"),
        screen_detail("U+FEFF", example="fourth"),
    ]
    triggers = [
        screen_detail(ROW, example=ROW, values={"lift": 3.25}),
        screen_detail("ask jane.doe@example.org"),
    ]
    screened = [
        screen_finding("hidden-characters", details=hidden),
        screen_finding("trigger-phrases", details=triggers),
    ]
    return results_of("shift_found", screened=screened)


def shown(results: dict[str, Any], evidence: Evidence, rule: int) -> list[tuple[str, str]]:
    """What was found and the example, of every detail."""
    finding = limit_row_text(results, evidence)["screen"]["findings"][rule]
    return [(detail["what"], detail["example"]) for detail in finding["details"]]


def test_full_is_the_results_as_they_are(results) -> None:
    assert limit_row_text(results, Evidence.FULL) == results


def test_redacted_is_little_and_masked(results) -> None:
    assert shown(results, Evidence.REDACTED, 0) == [
        ("U+200B", ROW),
        ("U+200C", f"{ROW} by {MASK}"),
        ("U+200D", "third"),
        ("U+FEFF", ""),
    ]
    assert shown(results, Evidence.REDACTED, 1) == [(ROW, ROW), (f"ask {MASK}", "")]


def test_none_is_no_text_of_rows_and_all_numbers(results) -> None:
    names = ("U+200B", "U+200C", "U+200D", "U+FEFF")
    assert shown(results, Evidence.NONE, 0) == [(name, "") for name in names]
    assert shown(results, Evidence.NONE, 1) == [(MASK, ""), (MASK, "")]
    [detail, _] = limit_row_text(results, Evidence.NONE)["screen"]["findings"][1]["details"]
    assert (detail["rows"], detail["values"]) == (3, {"lift": 3.25})


@pytest.mark.parametrize("evidence", list(Evidence))
def test_nothing_else_changes(results, evidence: Evidence) -> None:
    before = json.dumps(results)
    limited = limit_row_text(results, evidence)
    assert json.dumps(results) == before
    assert {**limited, "screen": None} == {**results, "screen": None}
    for name in ("rows", "silent", "unscreened"):
        assert limited["screen"][name] == results["screen"][name]


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
    assert ROW in formats["html"].render(results)
    assert ROW not in formats["sarif"].render(results)
    assert ROW not in formats["attestation"].render(results)
