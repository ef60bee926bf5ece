"""Which traits the plots show, and what they are called there."""

from collections.abc import Collection, Mapping, Sequence
from statistics import quantiles
from typing import Any

from scanner.report.forest import (
    NARROW,
    WIDE,
    Bounds,
    Forest,
    PlotItem,
    Strip,
    place_forest,
    place_strip,
    plot_axis,
    round_axis,
)
from scanner.report.text import format_interval, format_shift, shorten
from scanner.report.words import category_of, trait_label
from scanner.types import Severity

Entry = Mapping[str, Any]
PLOTTED = 12
MOST_PLOTTED = 24
"""Findings, too: a plot of thousands shows nothing, and each line also draws its peers."""
FEWEST = 5
"""Traits without a finding, for a band of drift."""
_LABEL_LENGTH = 30


def draw_forest(results: Entry) -> tuple[Forest, Forest]:
    """The forest plot of the leading traits, findings first, wide and narrow."""
    found, shifts = _found(results), _shifts(results)
    leading = leading_traits(results)[:MOST_PLOTTED]
    items = [_item(entry, entry["trait"] in found, shifts) for entry in leading]
    least = results["thresholds"]["least_shift"]
    bounds = Bounds((-least, least), _drift(results, found))
    axis = plot_axis(items, bounds)
    return place_forest(items, axis, WIDE, bounds), place_forest(items, axis, NARROW, bounds)


def leading_traits(results: Entry, count: int = PLOTTED) -> list[Entry]:
    """Findings, the worst first, then traits by adjusted p and shift: ``count`` in all, or more if
    all are findings."""
    found = _found(results)
    ranked = sorted(results["traits"], key=_rank)
    leading = [e for i, e in enumerate(ranked) if i < count or e["trait"] in found]
    return sorted(
        leading,
        key=lambda e: (e["trait"] not in found, -Severity(e["severity"]).rank, *_rank(e)),
    )


def _drift(results: Entry, found: Collection[str]) -> tuple[float, float] | None:
    """The middle 95% of the shifts that are no findings."""
    shifts = [entry["shift"] for entry in results["traits"] if entry["trait"] not in found]
    if len(shifts) < FEWEST:
        return None
    cuts = quantiles(shifts, n=40, method="inclusive")
    return cuts[0], cuts[-1]


def draw_strip(entries: Sequence[Entry], found: Collection[str], results: Entry) -> Strip:
    """The shifts of one category, on one scale for all categories."""
    axis = round_axis(entry["shift"] for entry in results["traits"])
    return place_strip(
        [entry["shift"] for entry in entries if entry["trait"] not in found],
        [entry["shift"] for entry in entries if entry["trait"] in found],
        axis,
    )


def _rank(entry: Entry) -> tuple[bool, float, float, str]:
    p = entry["p_adjusted"]
    return p is None, p if p is not None else 1.0, -entry["shift"], entry["trait"]


def _item(entry: Entry, finding: bool, shifts: Mapping[str, Mapping[str, float]]) -> PlotItem:
    trait, low, high = entry["trait"], entry["ci_low"], entry["ci_high"]
    peers = shifts[category_of(trait)]
    interval = "no interval" if low is None or high is None else format_interval(low, high)
    return PlotItem(
        label=shorten(trait_label(trait), _LABEL_LENGTH),
        shift_text=format_shift(entry["shift"]),
        interval_text=interval,
        shift=entry["shift"],
        ci_low=low,
        ci_high=high,
        finding=finding,
        peers=tuple(shift for peer, shift in peers.items() if peer != trait),
    )


def _shifts(results: Entry) -> dict[str, dict[str, float]]:
    """Category → trait → shift."""
    shifts: dict[str, dict[str, float]] = {}
    for entry in results["traits"]:
        shifts.setdefault(category_of(entry["trait"]), {})[entry["trait"]] = entry["shift"]
    return shifts


def _found(results: Entry) -> set[str]:
    return {entry["trait"] for entry in results["findings"]}
