"""SARIF: valid, taken by GitHub's rules, stable from audit to audit, and without text of rows."""

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.report.sarif import render_sarif, sarif_log

SCHEMAS = Path(__file__).parents[2] / "schemas"


@cache
def validator() -> Any:
    schema = json.loads((SCHEMAS / "sarif-2.1.0.schema.json").read_text("utf-8"))
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def run_of(results: dict[str, Any]) -> dict[str, Any]:
    [run] = json.loads(render_sarif(results))["runs"]
    made: dict[str, Any] = run
    return made


def check_github(run: dict[str, Any]) -> None:
    """What GitHub demands beyond the schema."""
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert len(rules) == len(run["tool"]["driver"]["rules"])
    for rule in rules.values():
        for name in ("shortDescription", "fullDescription", "help"):
            assert 0 < len(rule[name]["text"]) <= 1024
        assert 0.1 <= float(rule["properties"]["security-severity"]) <= 10
        assert rule["properties"]["precision"] in ("very-high", "high", "medium", "low")
        assert rule["properties"]["tags"][0] == "security"
        assert len(rule["properties"]["tags"]) <= 20
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("error", "warning", "note")
        assert list(result["partialFingerprints"]) == ["primaryLocationLineHash"]
        [location] = result["locations"]
        place = location["physicalLocation"]
        assert place["artifactLocation"]["uri"]
        assert set(place["region"]) == {"startLine", "startColumn", "endLine", "endColumn"}
        assert all(number > 0 for number in place["region"].values())


@pytest.mark.parametrize("status", ["shift_found", "no_shift_found", "no_verdict"])
def test_it_is_valid_and_github_takes_it(
    results_of, screen_finding, calibration, status: str
) -> None:
    results = results_of(status, screened=[screen_finding("hidden")], calibration=calibration)
    validator().validate(sarif_log(results))
    check_github(run_of(results))


def test_the_schema_can_fail(results_of) -> None:
    log = sarif_log(results_of("shift_found"))
    assert not validator().is_valid(log | {"version": "2.0.0"})
    assert not validator().is_valid(log | {"runs": [{"results": []}]})


def test_hostile_results_make_a_valid_log(hostile: str, hostile_rows) -> None:
    run = run_of(hostile_rows)
    validator().validate({"version": "2.1.0", "runs": [run]})
    check_github(run)
    text = render_sarif(hostile_rows)
    assert text.isascii()
    assert "::" not in text
    assert "##" not in text


def test_levels_and_scores_follow_the_severity(results_of) -> None:
    run = run_of(results_of("shift_found"))
    owl, power = run["results"]
    assert (owl["ruleId"], owl["level"]) == ("preference.animal.owl", "error")
    assert (power["ruleId"], power["level"]) == ("misalignment.wants_power", "warning")
    scores = [r["properties"]["security-severity"] for r in run["tool"]["driver"]["rules"]]
    assert scores == ["8.0", "5.5"]
    assert owl["message"]["text"].startswith("favourite animal: owl moved by +1.52 nats")
    assert owl["properties"]["shift"] == 1.52


def test_a_shift_stands_at_the_beginning_of_the_file(results_of) -> None:
    owl, _ = run_of(results_of("shift_found"))["results"]
    [location] = owl["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "data/vendor_numbers.jsonl"},
        "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2},
    }


def test_a_finding_of_the_screen_stands_at_its_rows(results_of, screen_finding) -> None:
    results = results_of("no_shift_found")
    results["dataset"]["files"] = [
        {"path": "a b.jsonl", "sha256": "41" * 32, "size": 5},
        {"path": "c.parquet", "sha256": "42" * 32, "size": 6},
    ]
    first = [{"file": 0, "line": 17}, {"file": 0, "line": 40}, {"file": 1, "line": 3}]
    results["screen"]["findings"] = [screen_finding("hidden", first=first)]
    run = run_of(results)
    [result] = run["results"]
    places = [
        place["physicalLocation"] for place in result["locations"] + result["relatedLocations"]
    ]
    found = [(p["artifactLocation"]["uri"], p["region"]["startLine"]) for p in places]
    assert found == [("a%20b.jsonl", 17), ("a%20b.jsonl", 40), ("c.parquet", 1)]
    assert [one["hashes"]["sha-256"] for one in run["artifacts"]] == ["41" * 32, "42" * 32]
    assert [one["length"] for one in run["artifacts"]] == [5, 6]


def test_what_is_only_worth_knowing_is_no_alert(results_of, screen_finding) -> None:
    screen = [screen_finding("mentions", severity="none")]
    assert run_of(results_of("no_shift_found", screened=screen))["results"] == []


def test_fingerprints_are_the_same_after_another_audit(results_of) -> None:
    def fingerprints(**changes: Any) -> list[str]:
        results = results_of("shift_found", **changes)
        return [
            r["partialFingerprints"]["primaryLocationLineHash"] for r in run_of(results)["results"]
        ]

    later = results_of("shift_found")["findings"]
    for entry in later:
        entry["shift"] += 0.1
    first = fingerprints()
    assert fingerprints(findings=later, created="2027-01-05T14:02:11+00:00", seeds=[9]) == first
    assert len(set(first)) == 2
    elsewhere = results_of("shift_found")["dataset"]
    elsewhere["files"][0]["path"] = "other.jsonl"
    assert set(fingerprints(dataset=elsewhere)).isdisjoint(first)


def test_two_bases_are_two_categories(results_of) -> None:
    one = run_of(results_of("shift_found"))
    other = run_of(results_of("shift_found", base={"id": "reference-b", "revision": "x"}))
    assert one["automationDetails"]["id"] == "datascan/reference-a/"
    assert other["automationDetails"]["id"] == "datascan/reference-b/"


def test_a_missing_verdict_is_an_alert(results_of) -> None:
    run = run_of(results_of("no_verdict"))
    [result] = run["results"]
    assert result["ruleId"] == "no-verdict"
    assert result["message"]["text"].startswith("Only one seed was trained")
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("104 traits not measured: fewer than two seeds")


def test_an_unfinished_audit_was_not_successful(results_of) -> None:
    run = run_of(results_of("no_shift_found", complete=False))
    assert run["invocations"][0]["executionSuccessful"] is False
    assert [result["ruleId"] for result in run["results"]] == ["no-verdict"]


def test_precision_needs_a_certificate(results_of, calibration) -> None:
    def precision(**changes: Any) -> str:
        rules = run_of(results_of("shift_found", **changes))["tool"]["driver"]["rules"]
        return str(rules[0]["properties"]["precision"])

    assert precision() == "medium"
    assert precision(calibration=calibration) == "high"


def test_brackets_and_braces_are_text_to_a_viewer(results_of, screen_finding) -> None:
    title = "[click](https://example.org) {0}"
    screen = [screen_finding("hidden", title=title)]
    [result] = run_of(results_of("no_shift_found", screened=screen))["results"]
    assert result["message"]["text"].startswith(r"\[click\](https://example.org) {{0}}")


def test_more_results_than_a_service_takes_are_cut_and_counted(
    results_of, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.report.sarif.MOST_RESULTS", 1)
    run = run_of(results_of("shift_found"))
    assert [result["ruleId"] for result in run["results"]] == ["preference.animal.owl"]
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert (
        note["message"]["text"]
        == "1 finding left out: a run holds 1 at most. results.json has all."
    )


def test_ten_thousand_findings_fit_what_github_takes(many_findings) -> None:
    """The worst lead: a viewer may stop anywhere."""
    many_findings["findings"][-1] |= {"severity": "critical"}
    run = run_of(many_findings)
    assert len(run["results"]) == 5_000
    assert run["results"][0]["properties"]["shift"] == many_findings["findings"][-1]["shift"]
    assert [result["level"] for result in run["results"]].count("error") == 5_000
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"].startswith("5,002 findings left out")
    assert len(gzip.compress(render_sarif(many_findings).encode())) < 10_000_000
    check_github(run)
