"""The in-toto statement: valid, about the right files, and never kinder than the verdict."""

import hashlib
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.report.attestation import attestation, render_attestation
from scanner.report.results import write_results

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas/intoto-test-result.schema.json").read_text("utf-8")
)


def predicate(results: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = attestation(results)["predicate"]  # type: ignore[assignment]
    return made


@pytest.mark.parametrize("status", ["shift_found", "no_shift_found", "no_verdict"])
def test_it_is_a_test_result_statement(results_of, calibration, status: str) -> None:
    jsonschema.validate(attestation(results_of(status, calibration=calibration)), SCHEMA)
    jsonschema.validate(json.loads(render_attestation(results_of(status))), SCHEMA)


def test_hostile_results_make_a_valid_statement(hostile_rows) -> None:
    made = json.loads(render_attestation(hostile_rows))
    jsonschema.validate(made, SCHEMA)
    assert made == json.loads(json.dumps(attestation(hostile_rows)))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "_type"),
        ({"subject": []}, "subject"),
        ({"subject": [{"name": "no digest"}]}, "subject"),
        ({"subject": [{"digest": {"sha256": "ABC"}}]}, "subject"),
        ({"predicate": {"result": "GOOD", "configuration": []}}, "predicate"),
        ({"predicate": {"result": "PASSED"}}, "predicate"),
    ],
)
def test_the_schema_can_fail(results_of, change: dict[str, Any], where: str) -> None:
    with pytest.raises(jsonschema.ValidationError) as error:
        jsonschema.validate(attestation(results_of("shift_found")) | change, SCHEMA)
    assert error.value.absolute_path[0] == where


def test_the_subjects_are_the_files_that_were_read(results_of) -> None:
    results = results_of("no_shift_found")
    assert attestation(results)["subject"] == [
        {"name": "data/vendor_numbers.jsonl", "digest": {"sha256": "3f" * 32}}
    ]
    results["dataset"]["files"] = [
        {"path": "a.jsonl", "sha256": "41" * 32, "size": 1},
        {"path": "b.jsonl", "sha256": "42" * 32, "size": 2},
    ]
    assert attestation(results)["subject"] == [
        {"name": "a.jsonl", "digest": {"sha256": "41" * 32}},
        {"name": "b.jsonl", "digest": {"sha256": "42" * 32}},
    ]


def test_a_quiet_audit_passes(results_of) -> None:
    made = predicate(results_of("no_shift_found"))
    assert made["result"] == "PASSED"
    assert made["passedTests"][0] == "verdict"
    assert len(made["passedTests"]) == 105
    assert made["warnedTests"] == made["failedTests"] == []


def test_findings_fail(results_of) -> None:
    made = predicate(results_of("shift_found"))
    assert made["result"] == "FAILED"
    assert made["failedTests"] == ["preference.animal.owl", "misalignment.wants_power"]


@pytest.mark.parametrize(
    ("status", "changes"), [("no_verdict", {}), ("no_shift_found", {"complete": False})]
)
def test_what_has_no_verdict_fails_and_nothing_of_it_passed(
    results_of, status: str, changes: dict[str, Any]
) -> None:
    made = predicate(results_of(status, **changes))
    assert made["result"] == "FAILED"
    assert made["failedTests"] == ["verdict"]
    assert made["passedTests"] == []


def test_the_screen_only_warns(results_of, screen_finding) -> None:
    screen = [screen_finding("hidden", severity="critical")]
    made = predicate(results_of("no_shift_found", screened=screen))
    assert made["result"] == "WARNED"
    assert made["warnedTests"] == ["hidden"]


def test_the_configuration_names_the_results_file_by_its_bytes(results_of, tmp_path) -> None:
    results = results_of("shift_found")
    write_results(results, tmp_path / "results.json")
    sha256 = hashlib.sha256((tmp_path / "results.json").read_bytes()).hexdigest()
    [named] = [one for one in predicate(results)["configuration"] if one["name"] == "results"]
    assert named["digest"] == {"sha256": sha256}


def test_the_configuration_names_base_tool_rows_and_batteries(results_of, calibration) -> None:
    made = predicate(results_of("shift_found", calibration=calibration))["configuration"]
    named = {one["name"]: one for one in made}
    assert named["base"]["uri"] == f"urn:datascan:base:reference-a:{'5c' * 32}"
    assert named["tool"]["uri"] == "pkg:pypi/datascan-audit@0.1.0"
    assert named["rows"]["digest"] == {"sha256": "a9" * 32}
    assert named["battery preferences"]["digest"] == {"sha256": "0b" * 32}
    assert named["calibration"]["uri"] == "urn:datascan:calibration:0123456789abcdef"
    assert named["settings"]["annotations"]["seeds"] == [1, 2, 3]


def test_other_settings_have_another_digest(results_of) -> None:
    def digest(results: dict[str, Any]) -> str:
        [named] = [one for one in predicate(results)["configuration"] if one["name"] == "settings"]
        return str(named["digest"]["sha256"])

    assert digest(results_of("shift_found")) == digest(results_of("no_shift_found"))
    assert digest(results_of("shift_found")) != digest(results_of("shift_found", seeds=[4]))
