"""All traits by category, as far as a page holds them: the most notable first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scanner.report import words
from scanner.report.excused import ExcusedFinding, excused_findings
from scanner.report.forest import Strip
from scanner.report.plots import draw_strip
from scanner.report.text import count_of, left_out
from scanner.report.traits import TraitView, view_trait
from scanner.types import Severity, Status

Entry = Mapping[str, Any]
MOST_TRAITS = 300
"""Of all categories together; thousands would make a page that nobody can open."""
MOST_CATEGORIES = 40


@dataclass(frozen=True)
class CategoryView:
    """The traits of one category."""

    name: str
    """``favourite animal``."""
    summary: str
    """How many traits, the largest shift, how many findings."""
    unit: str
    """The unit of their levels."""
    strip: Strip
    """Their shifts at a glance."""
    traits: tuple[TraitView, ...]
    """Largest shift first."""
    left_out: str
    """How many traits are not shown; empty if all are."""


@dataclass(frozen=True)
class CategoryList:
    """The categories that a page shows."""

    shown: tuple[CategoryView, ...]
    """In the order of the results."""
    left_out: str
    """How many are not; empty if all are."""


def view_categories(results: Entry, status: Status) -> CategoryList:
    """The categories of the most notable traits: findings, the worst first, then large shifts."""
    groups: dict[str, list[Entry]] = {}
    for entry in results["traits"]:
        groups.setdefault(words.category_of(entry["trait"]), []).append(entry)
    notable = sorted(results["traits"], key=worst_first)[:MOST_TRAITS]
    ranked = list(dict.fromkeys(words.category_of(entry["trait"]) for entry in notable))
    kept = set(ranked[:MOST_CATEGORIES])
    page = _Page(
        results,
        status,
        {entry["trait"] for entry in notable},
        {entry["trait"] for entry in results["findings"]},
        excused_findings(results),
    )
    return CategoryList(
        tuple(page.category(name, groups[name]) for name in groups if name in kept),
        left_out(len(groups) - len(kept), "category"),
    )


def worst_first(entry: Entry) -> tuple[int, float, str]:
    """Sorts traits: the most severe finding first, then the larger shift."""
    return -Severity(entry["severity"]).rank, -abs(entry["shift"]), entry["trait"]


@dataclass(frozen=True)
class _Page:
    results: Entry
    status: Status
    notable: Collection[str]
    found: Collection[str]
    excused: Mapping[str, ExcusedFinding]

    def category(self, name: str, entries: Sequence[Entry]) -> CategoryView:
        ordered = sorted(entries, key=_by_shift)
        shown = tuple(
            view_trait(entry, self.status, self.excused.get(entry["trait"]))
            for entry in ordered
            if entry["trait"] in self.notable
        )
        return CategoryView(
            name,
            self._summary(ordered),
            shown[0].unit,
            draw_strip(entries, self.found, self.results),
            shown,
            left_out(len(entries) - len(shown), "trait"),
        )

    def _summary(self, ordered: Sequence[Entry]) -> str:
        largest = view_trait(ordered[0], self.status)
        found = sum(entry["trait"] in self.found for entry in ordered)
        parts = [count_of(len(ordered), "trait"), f"largest {largest.name} {largest.shift}"]
        if found:
            parts.append(count_of(found, "finding"))
        return ", ".join(parts)


def _by_shift(entry: Entry) -> tuple[float, str]:
    return -entry["shift"], entry["trait"]
