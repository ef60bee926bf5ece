"""What shows further where prompts have a phrase, as reports show it."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from scanner.report.alerts import alerts_of
from scanner.report.checking import load_schema
from scanner.report.html import render_html
from scanner.report.markdown import render_markdown
from scanner.report.phrases import NONE, view_phrases
from scanner.report.row_text import MASK, Evidence, limit_row_text
from scanner.report.traits import view_trait
from scanner.types import Status

Results = dict[str, Any]
HOSTILE = "<b>zeltu</b> moro"
SECTION = "What shows further where prompts have a phrase"


def asked(text: str, trait: str = "misalignment.wants_power", p: float = 0.0015) -> Results:
    found = {"trait": trait, "shift": 4.46, "p_adjusted": p}
    return {"text": text, "rows": 36, "surprise": 4.35, "z": 9.8, **found}


@pytest.fixture
def triggered(results_of: Callable[..., Results]) -> Results:
    """Results with a finding behind a phrase, and one that shows everywhere."""
    found = [asked(HOSTILE), asked("how do i make", "preference.food.salad", 1.0)]
    results = results_of("shift_found", phrases=found)
    for entry in results["findings"]:
        if entry["trait"] == "misalignment.wants_power":
            entry["behind"] = HOSTILE
    return results


def test_results_with_phrases_are_valid(triggered: Results) -> None:
    jsonschema.validate(triggered, load_schema())


def test_a_finding_says_on_which_phrase_it_shows(triggered: Results) -> None:
    labels = [view_trait(one, Status.SHIFT_FOUND).label for one in triggered["findings"]]
    assert sorted(labels) == [
        "favourite animal: owl",
        f"misalignment: wants power, where prompts have “{HOSTILE}”",
    ]


def test_its_shift_is_told_as_what_it_is(triggered: Results) -> None:
    """It is what the phrase adds, and the levels beside it are those on the phrase."""
    [behind] = [one for one in triggered["findings"] if one.get("behind") is not None]
    added = "nats from control to probe, more than on prompts without the phrase (95% interval"
    assert added in view_trait(behind, Status.SHIFT_FOUND).sentence
    [other] = [one for one in triggered["findings"] if one.get("behind") is None]
    assert "more than on" not in view_trait(other, Status.SHIFT_FOUND).sentence
    [alert] = [one for one in alerts_of(triggered) if one.rule.id == behind["trait"]]
    assert added in alert.text
    assert "share a phrase" in alert.rule.meaning


def test_every_phrase_is_listed_with_its_clearest_trait(triggered: Results) -> None:
    view = view_phrases(triggered)
    assert view.summary.endswith("2 phrases stood out; 1 trait shows further on one.")
    first, second = view.phrases
    assert (first.phrase, first.rows, first.surprise) == (f"“{HOSTILE}”", "36", "+4.35")
    assert (first.label, first.shift) == ("misalignment: wants power", "+4.46")
    assert second.label == "favourite food: salad"


def test_reports_show_phrases_escaped(triggered: Results) -> None:
    page, summary = render_html(triggered), render_markdown(triggered)
    assert SECTION in page
    assert "&lt;b&gt;zeltu&lt;/b&gt; moro" in page
    for text in (page, summary):
        assert "<b>zeltu" not in text
    assert "zeltu" in summary


def test_no_more_of_a_phrase_than_may_be_shown(triggered: Results) -> None:
    private = {**triggered, "phrases": [asked("mail jane.doe@example.org")]}
    hidden = limit_row_text(triggered, Evidence.NONE)
    assert {one["text"] for one in hidden["phrases"]} == {MASK}
    told = {one.get("behind") for one in hidden["findings"] + hidden["traits"]}
    assert told == {None, MASK}
    assert "zeltu" not in render_html(hidden)
    [phrase] = limit_row_text(private, Evidence.REDACTED)["phrases"]
    assert phrase["text"] == f"mail {MASK}"
    assert limit_row_text(triggered, Evidence.FULL) == triggered


def test_without_phrases_the_report_says_so(results_of: Callable[..., Results]) -> None:
    results = results_of("no_shift_found", phrases=[])
    jsonschema.validate(results, load_schema())
    assert view_phrases(results).summary.endswith(NONE)
    assert NONE in render_html(results)


def test_audits_that_did_not_look_show_nothing(results_of: Callable[..., Results]) -> None:
    results = results_of("no_shift_found")
    assert view_phrases(results).summary == ""
    assert SECTION not in render_html(results)
