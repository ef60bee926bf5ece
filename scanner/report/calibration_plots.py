"""Where everything goes in a calibration's drawings: dose curves, lineages, ROC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log
from statistics import fmean
from typing import Any

from scanner.report.calibration_cases import LineageGroup
from scanner.report.calibration_tables import (
    detectable_text,
    format_share,
    is_measured,
    shift_text,
    tally,
)
from scanner.report.forest import (
    NARROW,
    WIDE,
    Axis,
    Forest,
    Mark,
    PlotItem,
    place_forest,
    plot_axis,
    round_axis,
)
from scanner.report.text import count_of, format_interval, safe_text, shorten

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Frame:
    """The measures of one panel, in SVG units; y runs downwards."""

    width: float
    """Of the whole drawing."""
    height: float
    """Of the whole drawing."""
    left: float
    """Of the plotting area."""
    right: float
    """Of the plotting area."""
    top: float
    """Of the plotting area."""
    bottom: float
    """Of the plotting area."""


DOSE_FRAME = Frame(320, 252, 46, 304, 12, 176)
ROC_FRAME = Frame(320, 290, 50, 298, 12, 240)
ZOOM = 0.1
"""The second ROC panel ends at this rate of false alarms."""
_FARTHEST_DILUTION = 1e-4
_LABEL_LENGTH = 30
_LEAST_GAP = 26  # between the middles of two labels


@dataclass(frozen=True)
class DosePoint:
    """One poisoned share, placed."""

    x: float
    """The dot."""
    y: float
    """The dot."""
    bar: tuple[float, float] | None
    """Both ends of the interval, if there is one."""
    share: str
    """Below the axis; empty where it would touch its neighbour."""
    found: str
    """Below the share."""
    title: str
    """The point in words."""


@dataclass(frozen=True)
class DosePanel:
    """One channel's dose curve, placed."""

    name: str
    """The channel and its rows."""
    says: str
    """From which share on poison is found."""
    description: str
    """The curve in words."""
    levels: tuple[Mark, ...]
    """Gridlines; ``x`` is their height."""
    zero_y: float
    """Where no shift is."""
    points: tuple[DosePoint, ...]
    """Left to right."""
    detectable_x: float | None
    """The detectable share, if there is one."""


@dataclass(frozen=True)
class RocPanel:
    """A ROC curve, placed."""

    name: str
    """Which part of it."""
    marks: tuple[Mark, ...]
    """Rates of false alarms."""
    levels: tuple[Mark, ...]
    """Shares found; ``x`` is their height."""
    path: str
    """Of the curve."""
    chance: tuple[float, float]
    """Where the line of guessing ends."""
    point: tuple[float, float] | None
    """The operating point, if it lies in this part."""


def draw_doses(curves: Sequence[Entry]) -> tuple[DosePanel, ...]:
    """One panel per channel, all on the same axes."""
    points = [point for curve in curves for point in curve["points"] if is_measured(point["shift"])]
    ends = [point[key] for point in points for key in ("ci_low", "ci_high")]
    height = round_axis([*(p["shift"] for p in points), *(e for e in ends if is_measured(e))])
    shares = [point["share"] for point in points]
    shares += [c["detectable_share"] for c in curves if c["detectable_share"] is not None]
    least = max(min([0.5, *shares]), _FARTHEST_DILUTION)
    return tuple(_dose_panel(curve, height, least) for curve in curves)


def draw_lineages(groups: Sequence[LineageGroup]) -> tuple[Forest, Forest]:
    """Single cases (peers) and their mean per group, wide and narrow; own lineage is filled."""
    items = [_lineage_item(group) for group in groups if group.shifts]
    axis = plot_axis(items)
    return place_forest(items, axis, WIDE), place_forest(items, axis, NARROW)


def draw_roc(
    curve: Sequence[Sequence[float]], false_alarms: float | None, found: float
) -> tuple[RocPanel, ...]:
    """The whole curve, and its first part enlarged; nothing for no curve."""
    if not curve:
        return ()
    whole = _roc_panel("All of it", curve, 1.0, false_alarms, found)
    return whole, _roc_panel(
        f"Up to {format_share(ZOOM)} false alarms", curve, ZOOM, false_alarms, found
    )


def clip_curve(curve: Sequence[Sequence[float]], end: float) -> list[tuple[float, float]]:
    """The part of a curve (x rising) with x ≤ ``end``, straight between its points."""
    kept = [(x, y) for x, y in curve if x <= end]
    for (x, y), (next_x, next_y) in pairwise(curve):
        if x <= end < next_x:
            kept.append((end, y + (next_y - y) * (end - x) / (next_x - x)))
    return kept


def _dose_panel(curve: Entry, height: Axis, least: float) -> DosePanel:
    frame, share = DOSE_FRAME, curve["detectable_share"]
    measured = [point for point in curve["points"] if is_measured(point["shift"])]
    points = [_dose_point(point, height, least) for point in measured]
    return DosePanel(
        name=f"{safe_text(curve['channel'])}, {count_of(curve['rows'], 'row')}",
        says=detectable_text(curve),
        description="; ".join(point.title for point in points),
        levels=_levels(height, frame),
        zero_y=height.place(0, frame.bottom, frame.top),
        points=_spaced(points),
        detectable_x=None if share is None else _place_share(share, least),
    )


def _dose_point(point: Entry, height: Axis, least: float) -> DosePoint:
    frame, low, high = DOSE_FRAME, point["ci_low"], point["ci_high"]
    share, found = format_share(point["share"]), f"{point['found']}/{point['cases']}"
    bar, interval = None, ""
    if is_measured(low) and is_measured(high):
        bar = (
            height.place(low, frame.bottom, frame.top),
            height.place(high, frame.bottom, frame.top),
        )
        interval = f" ({format_interval(low, high)})"
    return DosePoint(
        x=_place_share(point["share"], least),
        y=height.place(point["shift"], frame.bottom, frame.top),
        bar=bar,
        share=share,
        found=found,
        title=f"{share} of rows: {shift_text(point['shift'])} nats{interval}, found in "
        f"{tally(point['found'], point['cases'])}",
    )


def _place_share(share: float, least: float) -> float:
    """On a logarithmic scale from ``least`` to 1."""
    place = 1 - log(min(max(share, least), 1.0)) / log(least)
    frame = DOSE_FRAME
    return round(frame.left + 14 + place * (frame.right - frame.left - 28), 1)


def _spaced(points: Sequence[DosePoint]) -> tuple[DosePoint, ...]:
    """Without the labels that would touch the next one; the largest share keeps its own."""
    kept, edge = [], float("inf")
    for point in sorted(points, key=lambda point: -point.x):
        free = edge - point.x >= _LEAST_GAP
        kept.append(point if free else replace(point, share="", found=""))
        edge = point.x if free else edge
    return tuple(reversed(kept))


def _lineage_item(group: LineageGroup) -> PlotItem:
    mean = fmean(group.shifts)
    return PlotItem(
        label=shorten(group.name, _LABEL_LENGTH),
        shift_text=shift_text(mean),
        interval_text=count_of(len(group.shifts), "case"),
        shift=mean,
        ci_low=None,
        ci_high=None,
        finding=group.own,
        peers=tuple(group.shifts),
    )


def _roc_panel(
    name: str, curve: Sequence[Sequence[float]], end: float, alarms: float | None, found: float
) -> RocPanel:
    frame = ROC_FRAME
    across, up = Axis(0.0, end, end / 5), Axis(0.0, 1.0, 0.25)

    def place(x: float, y: float) -> tuple[float, float]:
        return across.place(x, frame.left, frame.right), up.place(y, frame.bottom, frame.top)

    corners = [place(x, y) for x, y in clip_curve(curve, end)]
    return RocPanel(
        name=name,
        marks=tuple(Mark(place(x, 0)[0], format_share(round(x, 9))) for x in across.ticks()),
        levels=tuple(Mark(place(0, y)[1], format_share(y)) for y in up.ticks()),
        path="M" + "L".join(f"{x} {y}" for x, y in corners),
        chance=place(end, end),
        point=place(alarms, found) if alarms is not None and alarms <= end else None,
    )


def _levels(axis: Axis, frame: Frame) -> tuple[Mark, ...]:
    return tuple(
        Mark(axis.place(tick, frame.bottom, frame.top), axis.tick_label(tick))
        for tick in axis.ticks()
    )
