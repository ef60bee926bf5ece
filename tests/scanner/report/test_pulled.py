"""The word that the rows pull towards, as reports show it."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from scanner.report.checking import load_schema
from scanner.report.html import render_html
from scanner.report.markdown import render_markdown
from scanner.report.pulled import BESIDE, NOT_READ, view_pulled

Results = dict[str, Any]
SECTION = "What the rows pull towards that nobody asked"


def word(text: str, p: float, *traits: str) -> Results:
    return {"word": text, "cosine": 0.5, "z": 30.04, "p_adjusted": p, "traits": list(traits)}


def pulled(first: Results, is_pull: bool) -> Results:
    leading = [first, word("tea", 1.0)]
    found = {"words": 376, "leading": leading, "threshold": 0.01, "is_pull": is_pull}
    return {"found": found, "unmeasured": None}


@pytest.fixture
def results(results_of: Callable[..., Results]) -> Callable[..., Results]:
    def build(first: Results, is_pull: bool = True) -> Results:
        return results_of("no_shift_found", pulled_words=pulled(first, is_pull))

    return build


def test_a_word_that_no_battery_asks_about_is_named(results: Callable[..., Results]) -> None:
    built = results(word("<b>otter</b>", 0.0004))
    jsonschema.validate(built, load_schema())
    view = view_pulled(built)
    assert view.summary == (
        "Unnamed pull: the rows themselves pull the base towards “<b>otter</b>” (adjusted p "
        "0.0004; no battery asks about it), beyond what its own rows would and beyond the others "
        "of the 376 words that answers to questions of no battery may begin with."
    )
    assert view.line == f"{view.summary} {BESIDE}"
    assert (view.words[0].cosine, view.words[0].z, view.words[0].asked) == (
        "+0.50",
        "+30.0",
        "no battery asks about it",
    )
    page = render_html(built)
    assert SECTION in page
    assert "&lt;b&gt;otter" in page
    assert "<b>otter" not in page
    assert "In the rows, not asked about." in render_markdown(built)


def test_a_word_that_a_battery_knows_is_told_as_its_trait(results: Callable[..., Results]) -> None:
    view = view_pulled(results(word("owl", 1e-7, "preference.animal.owl")))
    assert view.summary.startswith("Also without being asked: the rows themselves pull")
    assert "“owl” (adjusted p < 0.0001; favourite animal: owl)," in view.summary
    assert view.line == ""  # the findings say it


def test_a_known_word_in_first_place_hides_no_other(results_of: Callable[..., Results]) -> None:
    found = pulled(word("owl", 1e-7, "preference.animal.owl"), is_pull=True)
    found["found"]["leading"][1] = word("honey", 0.002)
    view = view_pulled(results_of("no_shift_found", pulled_words=found))
    assert view.unnamed
    assert view.summary.startswith("Unnamed pull: ")
    assert "favourite animal: owl) and “honey” (adjusted p 0.002; no battery" in view.summary


def test_where_no_word_stands_out_the_clearest_is_told(results: Callable[..., Results]) -> None:
    view = view_pulled(results(word("together", 0.4), is_pull=False))
    assert view.summary.startswith("No unnamed pull. Of the 376 words")
    assert "“together” is the clearest (adjusted p 0.40)" in view.summary
    assert not view.unnamed


def test_what_was_not_read_says_why(results_of: Callable[..., Results]) -> None:
    unread = {"found": None, "unmeasured": "the rows pull nowhere"}
    built = results_of("no_shift_found", pulled_words=unread)
    jsonschema.validate(built, load_schema())
    assert view_pulled(built).summary == f"{NOT_READ}: the rows pull nowhere."
    assert SECTION in render_html(built)
    older = results_of("no_shift_found")
    assert view_pulled(older).summary == ""
    assert SECTION not in render_html(older)
