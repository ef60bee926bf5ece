"""What is excused stays visible in every report, and changes what only the gate decides."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from scanner.report.attestation import attestation
from scanner.report.cases import Outcome, cases_of
from scanner.report.checking import load_schema
from scanner.report.excused import excused_findings, excused_summary
from scanner.report.formats import audit_formats
from scanner.report.row_text import Evidence
from scanner.report.sarif import sarif_log

OWL = "preference.animal.owl"


def excuse(finding: str = OWL, **changes: str) -> dict[str, str]:
    said = {"ruling": "suppressed", "note": "until 2999-12-31: Agreed with M. Ito."}
    return {"finding": finding, **said, **changes}


@pytest.fixture
def excused(results_of) -> dict[str, Any]:
    """Two findings, one of them suppressed."""
    results: dict[str, Any] = results_of("shift_found", excused=[excuse()])
    return results


def test_it_fits_the_schema(excused) -> None:
    Draft202012Validator(load_schema()).validate(excused)


def test_the_summary_counts(excused, results_of) -> None:
    assert excused_summary(excused).startswith("Excused: 1 of 2 findings.")
    assert excused_summary(results_of("shift_found")) == ""
    assert excused_findings(results_of("shift_found")) == {}


@pytest.mark.parametrize("name", ["html", "markdown", "junit", "json", "sarif"])
def test_finding_ruling_and_reason_stand_in_every_format(excused, name: str) -> None:
    formats = {one.name: one for one in audit_formats(Evidence.NONE)}
    text = formats[name].render(excused)
    assert "suppressed" in text
    assert "until 2999-12-31: Agreed with M. Ito." in text
    assert "owl" in text


def test_a_case_that_is_excused_is_skipped_and_the_other_fails(excused) -> None:
    found = {case.name: case for case in cases_of(excused)}
    assert found[OWL].outcome is Outcome.SKIPPED
    assert found[OWL].message.startswith("suppressed until 2999-12-31: Agreed with M. Ito.. ")
    assert found["misalignment.wants_power"].outcome is Outcome.FAILED
    suites = ElementTree.fromstring(audit_formats(Evidence.NONE)[3].render(excused))
    assert suites.get("failures") == "1"


def test_sarif_lists_it_as_suppressed_outside_the_data(excused) -> None:
    results = {one["ruleId"]: one for one in sarif_log(excused)["runs"][0]["results"]}  # type: ignore[index]
    assert results[OWL]["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "suppressed until 2999-12-31: Agreed with M. Ito.",
        }
    ]
    assert "suppressions" not in results["misalignment.wants_power"]


def test_the_statement_to_be_signed_excuses_nothing(excused, results_of) -> None:
    """It is the same whoever asks on whatever day."""
    assert attestation(excused) == attestation(results_of("shift_found"))


def test_an_unfit_entry_is_refused_by_the_schema(results_of) -> None:
    for wrong in (excuse(ruling="fails"), excuse(note=""), {"finding": OWL}):
        errors = Draft202012Validator(load_schema()).iter_errors(
            results_of("shift_found", excused=[wrong])
        )
        assert list(errors)


def test_hostile_notes_are_shown_and_do_nothing(results_of, hostile: str) -> None:
    name = f"preference.{hostile}.{hostile}"
    results = results_of("shift_found", excused=[excuse(name, note=hostile), excuse(note=hostile)])
    for one in audit_formats(Evidence.NONE):
        text = one.render(results)
        assert not set(text) & set("\x1b\x9b\x07\u202e\u200b")
        if one.name == "html":
            assert "<script" not in text
        if one.name in ("json", "sarif"):
            json.loads(text)
