"""A results file is whole and sound, or it is refused in one line."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import ReportError
from scanner.report.checking import checked_results
from scanner.report.results import write_results


@pytest.fixture
def check(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write_and_check(results: dict[str, Any]) -> dict[str, Any]:
        write_results(results, tmp_path / "results.json")
        return checked_results(tmp_path / "results.json")

    return write_and_check


@pytest.mark.parametrize("status", ["shift_found", "no_shift_found", "no_verdict"])
def test_what_an_audit_wrote_is_taken(check, results_of, status: str) -> None:  # type: ignore[no-untyped-def]
    assert check(results_of(status)) == results_of(status)


def test_an_unfinished_audit_is_taken_too(check, results_of) -> None:  # type: ignore[no-untyped-def]
    assert check(results_of("no_verdict", complete=False))["complete"] is False


def test_a_screen_and_several_files_are_taken(check, results_of, screen_finding) -> None:  # type: ignore[no-untyped-def]
    results = results_of("shift_found", screened=[screen_finding("hidden")])
    results["dataset"]["files"].append({"path": "a.jsonl", "sha256": "41" * 32, "size": 0})
    assert check(results) == results


@pytest.mark.parametrize(
    "change",
    [
        {"first": [17]},
        {"first": [{"line": 1}]},
        {"first": [{"file": 0, "line": 0}]},
        {"severity": "awful"},
        {"share": 1.5},
        {"rows": -1},
        {"details": [{"what": "x"}]},
        {"cannot_see": ""},
        {"more": 1},
    ],
)
def test_a_finding_of_the_screen_cannot_be(
    check,  # type: ignore[no-untyped-def]
    results_of,  # type: ignore[no-untyped-def]
    screen_finding,  # type: ignore[no-untyped-def]
    change: dict[str, Any],
) -> None:
    with pytest.raises(ReportError, match="screen/findings/0"):
        check(results_of("shift_found", screened=[screen_finding("hidden", **change)]))


def test_the_message_says_where_what_and_what_instead(check, results_of) -> None:  # type: ignore[no-untyped-def]
    results = results_of("shift_found")
    results["traits"][3]["shift"] = "much"
    with pytest.raises(ReportError) as error:
        check(results)
    assert 'results.json: found "much" at traits/3/shift; expected type "number"; ' in str(
        error.value
    )


def test_a_missing_field_is_named(check, results_of) -> None:  # type: ignore[no-untyped-def]
    results = results_of("shift_found")
    del results["seeds"]
    with pytest.raises(ReportError, match="found 'seeds' is a required property at the top"):
        check(results)


def test_a_huge_wrong_value_makes_a_short_line(check, results_of) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ReportError) as error:
        check(results_of("shift_found", seeds={"x" * 5000: "y" * 5000}))
    assert len(str(error.value)) < 400


def test_hostile_results_are_sound_results(check, hostile_rows) -> None:  # type: ignore[no-untyped-def]
    assert check(hostile_rows) == json.loads(json.dumps(hostile_rows))
