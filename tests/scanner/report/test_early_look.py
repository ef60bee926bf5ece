"""An audit whose training may stop early: every report says whether it did."""

from typing import Any

import jsonschema
import pytest

from scanner.report.attestation import attestation
from scanner.report.checking import load_schema
from scanner.report.comparability import notes_on
from scanner.report.facts import audited_facts
from scanner.report.html import render_html
from scanner.report.markdown import render_markdown

Results = dict[str, Any]
STOPPED = {
    "passes": 1,
    "of": 3,
    "threshold": 0.0016,
    "trait": "preference.animal.owl",
    "p_adjusted": 0.000042,
    "stopped": True,
}
WENT_ON = STOPPED | {"p_adjusted": 0.55, "stopped": False}
CALM = WENT_ON | {"trait": None, "p_adjusted": None}
TOLD = {
    "stopped": "1 of 3: preference.animal.owl was clear by then (p 4.2e-05, where 0.0016 would do)",
    "went on": (
        "all 3: after 1 of 3 preference.animal.owl was the clearest (p 0.55, where 0.0016 would do)"
    ),
    "calm": "all 3: after 1 of 3 nothing had moved",
}


@pytest.mark.parametrize(
    ("look", "name"), [(STOPPED, "stopped"), (WENT_ON, "went on"), (CALM, "calm")]
)
def test_the_look_is_told_everywhere(results_of: Any, look: Results, name: str) -> None:
    results = results_of("shift_found") | {"early_look": look}
    jsonschema.validate(results, load_schema())
    facts = {fact.name: fact.value for fact in audited_facts(results)}
    assert facts["Passes over the rows"] == TOLD[name]
    assert TOLD[name] in render_html(results)
    assert TOLD[name].split(":")[0] in render_markdown(results)


def test_without_a_look_nothing_is_told(results_of: Any) -> None:
    names = {fact.name for fact in audited_facts(results_of("shift_found"))}
    assert "Passes over the rows" not in names


def test_shifts_of_a_training_that_stopped_are_not_those_of_a_whole_one(results_of: Any) -> None:
    whole = results_of("shift_found")
    stopped = whole | {"early_look": STOPPED}
    said = (
        "The second audit stopped training early, for its answer was clear: its shifts are "
        "smaller than a whole training's."
    )
    assert said in notes_on(whole, stopped)
    assert said.replace("second", "first") in notes_on(stopped, whole)
    for alike in ((stopped, stopped), (whole, whole | {"early_look": WENT_ON})):
        assert not any("stopped training" in note for note in notes_on(*alike))


def test_what_is_signed_says_where_training_ended(results_of: Any) -> None:
    statement: Any = attestation(results_of("shift_found") | {"early_look": STOPPED})
    [settings] = [
        one for one in statement["predicate"]["configuration"] if one["name"] == "settings"
    ]
    assert settings["annotations"]["early_look"] == STOPPED
