"""The screen's findings as every report shows them. They stand beside the verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.dataset.screen.findings import MOST_DETAILS, Place
from scanner.report.text import (
    count_of,
    format_count,
    format_probability,
    left_out,
    safe_text,
)
from scanner.types import Severity

Entry = Mapping[str, Any]
MOST_PLACES = 5
BESIDE = "What the rows' text shows. It stands beside the verdict and does not decide it."


@dataclass(frozen=True)
class ScreenRow:
    """One finding of the screen, formatted."""

    rule: str
    """Its id."""
    title: str
    severity: Severity
    """NONE where it is only worth knowing."""
    rows: str
    """How many rows it was found in, and their share."""
    first: tuple[Place, ...]
    """The first of them."""
    places: str
    """A few of these in words."""
    details: tuple[str, ...]
    """Every kind of thing that was found, with an example; quotes the text of rows."""
    taxonomy: tuple[str, ...]
    """Entries of public lists of threats, each with its edition."""
    cannot_see: str
    to_do: str

    @property
    def sentence(self) -> str:
        """What was found and what to do about it, without any text of rows."""
        return f"{self.title}: {self.rows}. {self.to_do}"


@dataclass(frozen=True)
class ScreenView:
    """What the text alone shows."""

    summary: str
    """In a sentence."""
    findings: tuple[ScreenRow, ...]
    """Worst first."""
    unscreened: tuple[str, ...]
    """What could not be looked for, and why."""
    left_out: str
    """How many findings are not shown; empty if all are."""


def view_screen(results: Entry, most: int | None = None) -> ScreenView:
    """Format ``screen`` of results.json: all that was found, or ``most`` findings."""
    screen, files = results["screen"], results["dataset"]["files"]
    findings = tuple(_row(entry, files) for entry in screen["findings"][:most])
    return ScreenView(
        summary=_summary(screen),
        findings=findings,
        unscreened=tuple(
            f"{safe_text(one['rule'])}: {safe_text(one['reason'])}"
            for one in screen["unscreened"][:most]
        ),
        left_out=left_out(len(screen["findings"]) - len(findings), "finding"),
    )


def _summary(screen: Entry) -> str:
    rows, silent = count_of(screen["rows"], "row"), len(screen["silent"])
    worst = max(
        (Severity(one["severity"]) for one in screen["findings"]),
        key=lambda severity: severity.rank,
        default=None,
    )
    if worst is None:
        return f"Nothing found; {rows} read for {count_of(silent, 'thing')}."
    found = count_of(len(screen["findings"]), "finding")
    rest = f"; {rows} read for {count_of(silent, 'more thing')}, not found" if silent else ""
    return f"{found}, the worst {worst.value}{rest}."


def _row(entry: Entry, files: Sequence[Entry]) -> ScreenRow:
    masked = f", and {count_of(entry['masked'], 'text')} without loss" if entry["masked"] else ""
    details = [_detail(one, files) for one in entry["details"][:MOST_DETAILS]]
    more = entry["details_left_out"] + len(entry["details"]) - len(details)
    if more:
        details.append(f"{format_count(more)} kinds more")
    return ScreenRow(
        rule=safe_text(entry["rule"]),
        title=safe_text(entry["title"]),
        severity=Severity(entry["severity"]),
        rows=f"{count_of(entry['rows'], 'row')} ({format_probability(entry['share'])}){masked}",
        first=tuple(Place(**place) for place in entry["first"]),
        places=", ".join(_place(place, files) for place in entry["first"][:MOST_PLACES]),
        details=tuple(details),
        taxonomy=tuple(
            safe_text(f"{one['edition']}: {one['id']} {one['name']}") for one in entry["taxonomy"]
        ),
        cannot_see=safe_text(entry["cannot_see"]),
        to_do=safe_text(entry["to_do"]),
    )


def _detail(entry: Entry, files: Sequence[Entry]) -> str:
    values = "".join(f", {name} {value:.3g}" for name, value in entry["values"].items())
    example = f": {entry['example']}" if entry["example"] else ""
    where = _place(entry["place"], files)
    return safe_text(
        f"{entry['what']}, {count_of(entry['rows'], 'row')}{values} ({where}){example}"
    )


def _place(place: Entry, files: Sequence[Entry]) -> str:
    line = f"line {format_count(place['line'])}"
    if len(files) == 1 or place["file"] >= len(files):
        return line
    return f"{safe_text(files[place['file']]['path'])}, {line}"
