"""What nobody asked about, as reports show it."""

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from scanner.report.asked import UNASKED
from scanner.report.checking import load_schema
from scanner.report.discovered import UNLOOKED, view_discovery
from scanner.report.html import render_html
from scanner.report.markdown import render_markdown

Results = dict[str, Any]


def word(text: str, score: float, *traits: str, p: float = 1.0) -> Results:
    moved = {"word": text, "score": score, "shift": score / 5, "p_adjusted": p}
    return {**moved, "traits": list(traits)}


def discovery(is_shift: bool) -> Results:
    leading = word("<b>honey</b>", 1.5, p=0.002 if is_shift else 0.4)
    return {
        "words": 1018,
        "questions": 100,
        "kinds": 25,
        "raised": [leading, word("owl", 3.0, "preference.animal.owl")],
        "lowered": [word("tea", -2.5)],
        "examples": [{"question": "Say one word.", "control": 0.01, "probe": 0.125}],
        "leading": leading,
        "threshold": 0.01,
        "is_shift": is_shift,
    }


LAYER = {
    "layer": 2,
    "place": "first answer position",
    "norm": 1.5,
    "drift": 0.5,
    "toward": [{"trait": "preference.animal.owl", "cosine": 0.5, "p_value": 0.01}],
    "raised": ["honey", "owl"],
    "lowered": ["tea"],
}


def arm(found: Results | None, unmeasured: str | None = None) -> Results:
    return {"seconds": 2.0, "found": found, "unmeasured": unmeasured}


@pytest.fixture
def looked(results_of: Callable[..., Results]) -> Callable[[bool], Results]:
    def build(is_shift: bool) -> Results:
        return results_of(
            "no_shift_found",
            discovery=arm(discovery(is_shift)),
            activation=arm({"layers": [LAYER]}),
        )

    return build


@pytest.mark.parametrize("is_shift", [True, False])
def test_results_that_looked_are_valid(looked: Callable[..., Results], is_shift: bool) -> None:
    jsonschema.validate(looked(is_shift), load_schema())


def test_an_unnamed_shift_is_named_with_its_p_value(looked: Callable[..., Results]) -> None:
    view = view_discovery(looked(True))
    assert view.summary == (
        "Unnamed shift: to 100 questions that belong to no battery, such as “Say one word.”, "
        "probes answer with “<b>honey</b>” more readily than controls, beyond drift and beyond the "
        "other 1,017 words looked at (adjusted p 0.002). No battery asks about it."
    )
    assert [one.asked for one in view.words] == [
        "no battery",
        "favourite animal: owl",
        "no battery",
    ]
    [layer] = view.layers
    assert layer.norm == "1.50, 3.0 times the drift's"
    assert view.notes == ("Discovery took 2 s", "Activation took 2 s")


def test_odds_are_multiplied_or_divided(looked: Callable[..., Results]) -> None:
    # exp 1.5 = 4.48, exp 3.0 = 20.09, exp 2.5 = 12.18; exp 8.5 = 4,915 is beyond what is told.
    results = looked(True)
    results["discovery"]["found"]["lowered"].append(word("cake", -8.5))
    times = [one.times for one in view_discovery(results).words]
    assert times == ["× 4.5", "× 20", "÷ 12", "÷ more than 1,000"]


def test_without_one_nothing_is_claimed(looked: Callable[..., Results]) -> None:
    summary = view_discovery(looked(False)).summary
    assert summary.startswith("No unnamed shift. ")
    assert (
        "the data moved none beyond all others: “<b>honey</b>” went furthest (adjusted p 0.40)"
        in (summary)
    )


def test_a_word_that_a_battery_knows_is_told_as_such(looked: Callable[..., Results]) -> None:
    results = looked(True)
    found = results["discovery"]["found"]
    found["leading"] = word("owl", -2.0, "preference.animal.owl", p=0.001)
    summary = view_discovery(results).summary
    assert summary.startswith("Also without being asked: ")
    assert "answer with “owl” less readily than controls" in summary
    assert summary.endswith("A battery knows it as favourite animal: owl.")
    assert view_discovery(results).line == ""  # the findings' to say


def test_a_terminal_is_told_of_an_unnamed_shift_alone(looked: Callable[..., Results]) -> None:
    assert view_discovery(looked(True)).line.startswith("Unnamed shift: to 100 questions")
    assert view_discovery(looked(False)).line == ""


def test_what_was_not_measured_says_why(results_of: Callable[..., Results]) -> None:
    results = results_of("no_verdict", discovery=arm(None, "one control only"))
    jsonschema.validate(results, load_schema())
    view = view_discovery(results)
    assert view.summary == UNLOOKED
    assert view.notes == ("Discovery was not measured: one control only",)
    page = render_html(results)
    assert UNLOOKED in page
    assert "one control only" in page
    assert "how often it misleads" not in page


def test_every_report_shows_it_escaped_beside_the_verdict(looked: Callable[..., Results]) -> None:
    page, summary = render_html(looked(True)), render_markdown(looked(True))
    assert "What the data taught that nobody asked" in page
    assert "&lt;b&gt;honey&lt;/b&gt;" in page
    assert "<b>honey" not in page
    assert "**Not asked about.**" in summary
    for text in (page, summary):
        assert "does not decide it" in text


def test_audits_that_did_not_look_show_nothing(results_of: Callable[..., Results]) -> None:
    results = results_of("no_shift_found")
    assert view_discovery(results).summary == ""
    page = render_html(results)
    assert "Words that moved most" not in page
    assert UNASKED[1:] in page  # the reader is told that nobody looked
    assert "Not asked about" not in render_markdown(results)
