"""An audit with a budget: every report says which part of the rows it speaks of."""

from typing import Any

import jsonschema
import pytest

from scanner.report.attestation import attestation
from scanner.report.checking import load_schema
from scanner.report.comparability import notes_on
from scanner.report.facts import audited_facts, part_in_words
from scanner.report.figures import key_figures, sight_of_channels
from scanner.report.html import render_html
from scanner.report.markdown import render_markdown
from scanner.types import Status

Results = dict[str, Any]
BUDGET = {
    "minutes": 1.5,
    "rows": 1800,
    "of": 7500,
    "seed": 7,
    "rows_sha256": "bb" * 32,
    "estimated_s": 76.5,
}


@pytest.fixture
def part(results_of, calibration) -> Results:
    """Nothing was found in 1,800 of 7,500 rows."""
    results: Results = results_of("no_shift_found", calibration=calibration)
    return results | {"budget": BUDGET}


def test_the_results_fit_the_schema(part: Results) -> None:
    jsonschema.validate(part, load_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(part | {"budget": BUDGET | {"rows": 0}}, load_schema())


def test_the_part_is_told_everywhere(part: Results) -> None:
    told = "1,800 of 7,500, drawn at random (seed 7) to fit a budget of 1.5 min"
    assert part_in_words(BUDGET) == told
    facts = {fact.name: fact.value for fact in audited_facts(part)}
    assert facts["Rows"] == "7,500"
    assert facts["Rows trained on"] == told
    assert facts["SHA-256 of all rows"] == "a9" * 32
    assert facts["SHA-256 of the rows trained on"] == "bb" * 32
    assert "1,800 of 7,500" in render_markdown(part)
    page = render_html(part)
    assert told in page
    assert "was fine-tuned on the 1,800 rows submitted" in page


def test_a_budget_that_sufficed_is_told_too() -> None:
    assert part_in_words(BUDGET | {"rows": 7500}) == "all: they fit a budget of 1.5 min"


def test_the_detectable_share_is_that_of_fewer_rows(part: Results) -> None:
    """By the certificate 13.37% of 3,600 rows of numbers: 26.74% of 1,800. Of half the rows, 50% of
    3,600 thoughts are all of them."""
    sight = {one.channel: one for one in sight_of_channels(part)}
    whole = {one.channel: one for one in sight_of_channels({**part, "budget": None})}
    assert whole["numbers"].share == "13.4% of rows"
    assert sight["numbers"].share == "26.7% of rows"
    assert sight["thoughts"].share == "100% of rows"
    assert whole["code"].share == "not even at 100%: 45.0% are found then"
    assert sight["code"].share == "not known"
    part["twin"]["format"] = "Python code"
    figure = key_figures(part, Status.NO_SHIFT_FOUND, ())[-1]
    assert (figure.name, figure.value) == ("Detectable share", "not known")
    assert figure.meaning == "through code: not measured on 1,800 rows; fewer show less"


def test_as_many_rows_as_the_certificates_lose_nothing(part: Results) -> None:
    part["budget"] = BUDGET | {"rows": 5000}
    assert sight_of_channels(part) == sight_of_channels({**part, "budget": None})


def test_only_the_same_part_was_trained_on_alike(part: Results) -> None:
    same = "Both audits trained on the very same rows."
    other = "The dataset is the same, but a budget let only some of its rows be trained on."
    whole = {name: value for name, value in part.items() if name != "budget"}
    assert notes_on(part, part)[0] == same
    assert notes_on(part, whole)[0] == other
    assert notes_on(part | {"budget": BUDGET | {"rows_sha256": "a9" * 32}}, whole)[0] == same


def test_what_is_signed_is_of_the_whole_file_and_names_the_part(part: Results) -> None:
    statement: Any = attestation(part)
    assert statement["subject"] == attestation({**part, "budget": None})["subject"]
    [trained] = [
        one for one in statement["predicate"]["configuration"] if one["name"] == "rows trained on"
    ]
    assert trained["digest"] == {"sha256": "bb" * 32}
    assert trained["annotations"] == {"rows": 1800, "of": 7500, "seed": 7}
