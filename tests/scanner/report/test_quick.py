from typing import Any

from scanner.report.quick import quick_lines


def trait(name: str, p: float, group: str | None = None) -> dict[str, Any]:
    return {
        "trait": f"preference.animal.{name}",
        "p_adjusted": p,
        "p_value": p / 100,
        "group": group,
    }


def look(status: str, findings: list[dict[str, Any]], bad_rows: int = 0) -> dict[str, Any]:
    severity = "low" if findings else "none"
    return {
        "verdict": {"status": status, "severity": severity, "reason": "Because \x1b[2J."},
        "dataset": {"bad_rows": bad_rows},
        "findings": findings,
        "traits": findings or [trait("whale", 0.4), trait("fox", 1.0)],
    }


def test_findings_are_listed_and_the_rest_is_counted() -> None:
    lines = list(quick_lines(look("traces_found", [trait(f"a{i}", 0.001) for i in range(7)])))
    assert lines[0].startswith("Traces found")
    assert lines[1] == "Because \\x1b[2J."
    assert lines[2] == "low: favourite animal: a0 (adjusted p 0.001)"
    assert len(lines) == 8  # head, reason, five, and what is left
    assert lines[-1] == "and 2 more findings"


def test_without_a_finding_the_clearest_trait_is_shown() -> None:
    lines = list(quick_lines(look("no_traces_found", [])))
    assert lines[0].startswith("No traces found")
    assert lines[2:] == ["clearest: favourite animal: whale (adjusted p 0.40)"]


def test_the_group_that_shows_a_trait_is_named() -> None:
    lines = list(quick_lines(look("traces_found", [trait("owl", 0.001, "vendor \x1b[2J")])))
    assert lines[2] == "low: favourite animal: owl (adjusted p 0.001, in vendor \\x1b[2J)"


def test_rows_that_were_left_out_are_counted() -> None:
    assert any("3 bad rows left out" in line for line in quick_lines(look("no_verdict", [], 3)))
