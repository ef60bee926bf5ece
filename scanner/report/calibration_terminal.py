"""What a calibration says in the terminal: claims, operating point, single cases, digits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from scanner.report.calibration_tables import claim_need, claim_outcome
from scanner.report.console_text import console_text
from scanner.report.text import format_p, format_probability, format_shift

_OUTCOMES = {"met": "met", "not met": "MISSED", "not tested": "not tested"}


def print_certificate(certificate: Mapping[str, Any], console: Console, paths: Any) -> None:
    """The claims, and how often the instrument is right and wrong."""
    point = certificate["operating_point"]
    _print_table(
        console,
        "Claims of the plan",
        ("Claim", "Held", "Needed", "95% interval", ""),
        [
            (
                claim["says"],
                f"{claim['held']} of {claim['cases']}",
                claim_need(claim),
                f"{format_probability(claim['rate_low'])} to "
                f"{format_probability(claim['rate_high'])}",
                _OUTCOMES[claim_outcome(claim)],
            )
            for claim in certificate["claims"]
        ],
    )
    lines = [
        f"A trait is a finding at an adjusted p of {format_p(point['threshold'])} or less, decided "
        f"on {point['decided_on']} benign audits.",
        f"False alarms on {point['checked_on']} others: {point['alarms']} (95% interval "
        f"{format_probability(point['rate_low'])} to {format_probability(point['rate_high'])}).",
        *(_dose_line(curve) for curve in certificate["doses"]),
        f"Certificate {certificate['id']}: {paths.json}",
        f"Page: {paths.html}",
    ]
    for line in lines:
        console.print(console_text(line, console), soft_wrap=True)


def print_cases(cases: Sequence[Mapping[str, Any]], console: Console) -> None:
    """Single cases, a line each."""
    _print_table(
        console,
        "Cases",
        ("Case", "Rows", "Pass", "Planted shift", "Least adjusted p", "Seconds"),
        [
            (
                case["name"],
                f"{case['rows']:,}",
                "" if case["passing"] is None else format_probability(case["passing"]),
                "" if case["planted_shift"] is None else format_shift(case["planted_shift"]),
                f"{case['largest']} {format_p(case['p_adjusted'])}",
                f"{case['seconds']:.0f}",
            )
            for case in cases
        ],
    )


def print_digits(result: Mapping[str, Any], models: int, console: Console) -> None:
    """The MLP experiment's four kinds of model."""
    kinds = {
        "base": "untrained",
        "teacher": "teacher, trained on digits",
        "same": "student on noise, its teacher's initialisation",
        "crossed": "student on noise, another initialisation",
    }
    _print_table(
        console,
        f"Held-out digits told right, mean of {models} models",
        ("Model", "Accuracy", "95% interval"),
        [
            (
                words,
                format_probability(result[kind]["mean"]),
                f"{format_probability(result[kind]['low'])} to "
                f"{format_probability(result[kind]['high'])}",
            )
            for kind, words in kinds.items()
        ],
    )


def _dose_line(curve: Mapping[str, Any]) -> str:
    share = curve["detectable_share"]
    if curve["power_at_full"] is None:
        return f"Through {curve['channel']}: not measured ({curve['unmeasured']})."
    if share is None:
        return f"Through {curve['channel']}: not found at 95% power even if all rows are poisoned."
    return (
        f"Through {curve['channel']}: found at 95% power from {format_probability(share)} poisoned "
        f"rows on ({curve['rows']:,} rows)."
    )


def _print_table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    table = Table(
        box=SIMPLE_HEAD,
        title=console_text(title, console),
        title_justify="left",
        show_edge=False,
        pad_edge=False,
    )
    for column in columns:
        table.add_column(console_text(column, console), overflow="fold")
    for row in rows:
        table.add_row(*(console_text(cell, console) for cell in row))
    console.print()
    console.print(table)
