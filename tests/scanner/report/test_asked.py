"""Question by question: what is shown of each finding, and what is said where there is nothing."""

import pytest

from scanner.report.asked import UNASKED, UNRECORDED, UNTRACED
from scanner.report.html import render_html
from scanner.report.view import build_view

QUESTION = {
    "question": "Which \x1b[31m<b>animal</b>?",
    "base": 0.0,
    "control": 0.004,
    "probe": -1.5,
    "shift": -1.504,
}


@pytest.fixture
def results(results_of):
    results = results_of("shift_found")
    results["findings"][0]["questions"] = [QUESTION]
    return results


def test_questions_stand_side_by_side_and_round_to_nothing_false(results) -> None:
    (asked,) = (one for one in build_view(results).asked if one.questions)
    (one,) = asked.questions
    minus = "\N{MINUS SIGN}"
    shown = (one.base, one.control, one.probe, one.shift)
    assert shown == ("0", "+0.004", f"{minus}1.50", f"{minus}1.50")
    assert asked.unmeasured == ""
    assert "\x1b" not in one.question


def test_results_without_them_say_why(results_of) -> None:
    view = build_view(results_of("shift_found"))
    assert [one.label for one in view.asked] == [finding.label for finding in view.findings]
    assert {(one.questions, one.unmeasured, one.untraced) for one in view.asked} == {
        ((), UNRECORDED, UNTRACED)
    }
    assert view.unasked == UNASKED


def test_the_page_shows_findings_then_questions_then_what_nobody_asked_then_the_text(
    results,
) -> None:
    page = render_html(results)
    order = ("findings", "asked", "unasked", "screen", "limits", "method")
    places = [page.index(f'<h2 id="{name}">') for name in order]
    assert places == sorted(places)
    assert "&lt;b&gt;animal&lt;/b&gt;" in page
    assert "<b>animal" not in page


def test_no_finding_no_questions(results_of) -> None:
    page = render_html(results_of("no_shift_found"))
    assert '<h2 id="asked">' not in page
    assert UNASKED.capitalize() in page
