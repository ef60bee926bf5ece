"""The summary: a table in a terminal, plain lines in a log, never a command in either."""

import io
from typing import Any

import pytest
from rich.console import Console

from scanner.report.terminal import print_summary

STATUSES = ("shift_found", "no_shift_found", "no_verdict")


def shown(results: dict[str, Any], terminal: bool, width: int = 110, **paths: str) -> str:
    """The characters of the summary, without colour."""
    stream = io.StringIO()
    console = Console(
        file=stream, force_terminal=terminal, width=width, color_system=None, legacy_windows=False
    )
    print_summary(results, console, **paths)
    return stream.getvalue()


def test_a_terminal_gets_verdict_findings_facts_and_paths(results_of) -> None:
    text = shown(
        results_of("shift_found"), True, report_path="out.html", results_path="results.json"
    )
    assert text.lstrip().startswith(
        "Shift found (severity: high): a model trained on this data picks up"
    )
    for part in ("favourite animal: owl", "+1.21 to +1.84", "< 0.0001", "16.3%", "medium"):
        assert part in text
    for part in ("vendor_numbers.jsonl, 7,500 rows", "reference-a", "13 min 7 s", "out.html"):
        assert part in text


def test_without_findings_the_largest_shifts_are_marked_as_drift(results_of) -> None:
    text = shown(results_of("no_shift_found"), True)
    assert "No findings. The largest shifts:" in text
    assert text.count("within drift") == 3


def test_without_a_verdict_nothing_is_called_drift(results_of) -> None:
    text = shown(results_of("no_verdict"), True)
    assert "within drift" not in text
    assert "not measured" in text


def test_an_unfinished_audit_says_so(results_of) -> None:
    assert "did not finish" in shown(results_of("no_verdict", complete=False), True)
    assert "did not finish" in shown(results_of("no_verdict", complete=False), False)


@pytest.mark.parametrize("terminal", [True, False])
def test_what_is_to_be_known_of_the_base_is_said(results_of, terminal: bool) -> None:
    results = results_of("no_shift_found")
    assert "no chat template" not in shown(results, terminal)
    results["base"]["notes"] = ["The base ships no chat template.\x1b[2J"]
    assert r"no chat template.\x1b[2J" in shown(results, terminal)


def test_a_log_gets_one_plain_line_per_thing(results_of) -> None:
    text = shown(results_of("shift_found"), False, width=40, results_path="results.json")
    arrow, minus = "\N{RIGHTWARDS ARROW}", "\N{MINUS SIGN}"
    assert text.splitlines() == [
        "datascan: Shift found: a model trained on this data picks up what training on its own "
        "answers does not give it: favourite animal: owl; misalignment: wants power",
        "datascan: 2 of 104 traits moved further than drift: favourite animal: owl (+1.52 nats) "
        "and misalignment: wants power (+0.83 nats).",
        f"datascan: high: favourite animal: owl, shift +1.52 nats, 3.9% {arrow} 16.3%",
        "datascan: medium: misalignment: wants power, shift +0.83 nats, "
        f"{minus}14.02 {arrow} {minus}13.19 nats",
        "datascan: results: results.json",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_is_shown_and_does_nothing(
    hostile: str, hostile_results, terminal: bool
) -> None:
    text = shown(hostile_results, terminal, report_path=hostile)
    assert all(char.isprintable() or char == "\n" for char in text)
    for line in text.splitlines():
        assert "::" not in line
        assert "##" not in line
    start = hostile[:6]
    if start.isprintable() and "::" not in start and "##" not in start:
        assert start in text


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_any_width_will_do(results_of, status: str, width: int) -> None:
    text = shown(results_of(status), True, width, report_path="report.html")
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize("terminal", [True, False])
def test_any_encoding_will_do(results_of, encoding: str, terminal: bool) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    results = results_of("shift_found")
    results["dataset"]["path"] = "\N{CJK UNIFIED IDEOGRAPH-732B}.jsonl"
    print_summary(results, Console(file=stream, force_terminal=terminal, width=110))
    stream.flush()
    assert b"-14.02 > -13.19 nats" in raw.getvalue()


def test_ten_thousand_findings_are_counted_and_not_all_listed(many_findings) -> None:
    text = shown(many_findings, True)
    assert "And 9,982 more findings, in the report." in text
    assert len(text) < 20_000
