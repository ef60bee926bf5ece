"""Tables of a calibration: claims, effects, doses and drift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from scanner.report.forest import Strip
from scanner.report.text import (
    NOT_AT_ALL,
    NOT_MEASURED,
    count_of,
    format_count,
    format_interval,
    format_level,
    format_probability,
    format_shift,
    safe_text,
)
from scanner.report.words import trait_label

Entry = Mapping[str, Any]
NOT_DILUTED = "not diluted"
"""Where a detectable share would stand."""


@dataclass(frozen=True)
class Column:
    """A column's head."""

    name: str
    """What stands in it."""
    number: bool = True
    """Whether it is set flush right."""
    outcome: bool = False
    """Whether it says if the line failed."""


@dataclass(frozen=True)
class Line:
    """One row; its first cell names it."""

    cells: tuple[str, ...]
    """One per column, but for the strip's."""
    failed: bool = False
    """Whether its outcome is drawn as a miss."""
    strip: Strip | None = None
    """Single cases at a glance, in the last column."""


@dataclass(frozen=True)
class Table:
    """A table, formatted."""

    caption: str
    """What it shows, in a sentence."""
    columns: tuple[Column, ...]
    """Left to right."""
    lines: tuple[Line, ...]
    """Top to bottom."""


def claims_table(claims: Sequence[Entry]) -> Table:
    """What was claimed before looking, and what came of it."""
    columns = (
        Column("Claim", number=False),
        Column("Outcome", number=False, outcome=True),
        Column("Held"),
        Column("Needed"),
        Column("Share held"),
        Column("95% interval"),
    )
    caption = (
        "Claims of the plan, which says what was changed while its cases ran. Intervals are "
        "exact. A claim whose interval must reach a share is met unless the cases contradict it."
    )
    return Table(caption, columns, tuple(_claim_line(claim) for claim in claims))


def claim_outcome(claim: Entry) -> str:
    """``met``, ``not met``, or ``not tested`` for a claim without cases."""
    if claim["met"] is None:
        return "not tested"
    return "met" if claim["met"] else "not met"


def claim_need(claim: Entry) -> str:
    """What had to reach which share."""
    what = "interval reaching" if claim["judged_by"] == "interval" else "at least"
    return f"{what} {format_share(claim['at_least'])}"


def effects_table(effects: Sequence[Entry]) -> Table:
    """Every planted trait at full strength, per channel."""
    columns = (
        Column("Planted trait", number=False),
        Column("Channel", number=False),
        Column("Cases"),
        Column("Shift"),
        Column("95% interval"),
        Column("First of its category"),
        Column("Found", outcome=True),
        Column("Detectable share"),
    )
    caption = "Planted traits where all rows carry them. Shifts are means over cases, in nats."
    return Table(caption, columns, tuple(_effect_line(one) for one in effects))


def doses_table(doses: Sequence[Entry]) -> Table:
    """Every point of the dose curves."""
    columns = (
        Column("Channel", number=False),
        Column("Poisoned share"),
        Column("Cases"),
        Column("Found", outcome=True),
        Column("Planted shift"),
        Column("95% interval"),
    )
    lines = tuple(_dose_line(curve, point) for curve in doses for point in curve["points"])
    return Table("How far the planted traits moved, whichever way: means, in nats.", columns, lines)


def traced_table(traced: Entry | None) -> Table:
    """What the rows alone give away, by channel and poisoned share; no lines without traces."""
    columns = (
        Column("Channel", number=False),
        Column("Poisoned share"),
        Column("Cases"),
        Column("Found", outcome=True),
    )
    if traced is None:
        return Table("", columns, ())
    alarms = tally(traced["alarms"], traced["checked_on"])
    interval = format_rates(traced["rate_low"], traced["rate_high"])
    caption = (
        "What traces find by themselves, with no probe trained: cases whose clearest trace, beyond "
        "the threshold, is what was planted. Benign datasets that raise a false alarm by them: "
        f"{alarms} (95% interval {interval})."
    )
    return Table(caption, columns, tuple(map(_traced_line, traced["points"])))


def drift_table(drift: Sequence[Entry]) -> Table:
    """How far every trait moves by itself, the least steady first."""
    columns = (
        Column("Trait", number=False),
        Column("Audits"),
        Column("Mean"),
        Column("Standard deviation"),
        Column("Lowest"),
        Column("Highest"),
    )
    caption = "Shifts over benign audits, in nats; the traits that vary most come first."
    widest_first = sorted(drift, key=lambda one: (-one["deviation"], one["trait"]))
    return Table(caption, columns, tuple(_drift_line(one) for one in widest_first))


def detectable_text(curve: Entry) -> str:
    """From which share on a channel's poison is found, in a sentence."""
    share, full = curve["detectable_share"], curve["power_at_full"]
    if full is None:
        return f"Not measured: {safe_text(str(curve['unmeasured']))}."
    if share is None:
        return (
            f"Not even at 100%: poison in every row would be found with {format_share(full)} power."
        )
    return f"Found with 95% power where {format_share(share)} of the rows or more carry it."


def format_share(share: float) -> str:
    """A share in percent, as briefly as it can be said; 0% and 100% only if exactly so."""
    return f"{share:.0%}" if share == float(f"{share:.2f}") else format_probability(share)


def format_rates(low: float, high: float) -> str:
    """An interval of a rate."""
    return f"{format_share(low)} to {format_share(high)}"


def tally(part: int, whole: int) -> str:
    """``3 of 15``."""
    return f"{format_count(part)} of {format_count(whole)}"


def shift_text(shift: float | None) -> str:
    """A shift in nats, or that there is none."""
    return format_shift(shift) if is_measured(shift) and shift is not None else NOT_MEASURED


def is_measured(shift: float | None) -> bool:
    """Whether there is a number."""
    return shift is not None and isfinite(shift)


def _claim_line(claim: Entry) -> Line:
    outcome, tested = claim_outcome(claim), claim["cases"] > 0
    cells = (
        safe_text(claim["says"]),
        outcome,
        tally(claim["held"], claim["cases"]),
        claim_need(claim),
        format_share(claim["held"] / claim["cases"]) if tested else NOT_MEASURED,
        format_rates(claim["rate_low"], claim["rate_high"]) if tested else NOT_MEASURED,
    )
    return Line(cells, failed=outcome != "met")


def _effect_line(effect: Entry) -> Line:
    cases = effect["cases"]
    cells = (
        trait_label(effect["trait"]),
        safe_text(effect["channel"]),
        format_count(cases),
        shift_text(effect["shift"]),
        _interval(effect, cases),
        tally(effect["first"], cases),
        tally(effect["found"], cases),
        _effect_share(effect),
    )
    return Line(cells, failed=effect["found"] == 0)


def _effect_share(effect: Entry) -> str:
    if not effect["diluted"]:
        return NOT_DILUTED
    if effect["unmeasured"] is not None:
        return NOT_MEASURED
    share = effect["detectable_share"]
    return NOT_AT_ALL if share is None else format_share(share)


def _dose_line(curve: Entry, point: Entry) -> Line:
    cells = (
        f"{safe_text(curve['channel'])}, {count_of(curve['rows'], 'row')}",
        format_share(point["share"]),
        format_count(point["cases"]),
        tally(point["found"], point["cases"]),
        shift_text(point["shift"]),
        _interval(point, point["cases"]),
    )
    return Line(cells, failed=point["found"] == 0)


def _traced_line(point: Entry) -> Line:
    cells = (
        f"{safe_text(point['channel'])}, {count_of(point['rows'], 'row')}",
        format_share(point["share"]),
        format_count(point["cases"]),
        tally(point["found"], point["cases"]),
    )
    return Line(cells, failed=point["found"] == 0)


def _drift_line(drift: Entry) -> Line:
    cells = (
        trait_label(drift["trait"]),
        format_count(drift["audits"]),
        shift_text(drift["mean"]),
        format_level(drift["deviation"], "nats"),
        shift_text(drift["lowest"]),
        shift_text(drift["highest"]),
    )
    return Line(cells)


def _interval(entry: Entry, cases: int) -> str:
    low, high = entry["ci_low"], entry["ci_high"]
    return "one case only" if low is None and cases == 1 else format_interval(low, high)
