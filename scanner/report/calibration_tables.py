"""Tables of a calibration: claims, effects, doses and drift."""

from collections.abc import Iterator, Mapping, Sequence
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
UNDOSED = "neutral_report"
"""The group of the cases whose teacher has no trait, apart from those that set the threshold."""
NOT_PLANTED = "nothing planted"
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


def doses_table(doses: Sequence[Entry], cases: Sequence[Entry]) -> Table:
    """Every point of the dose curves, and what the channel's rows do where nobody planted any."""
    columns = (
        Column("Channel", number=False),
        Column("Poisoned share"),
        Column("Cases"),
        Column("Found", outcome=True),
        Column("Planted shift"),
        Column("95% interval"),
    )
    caption = (
        "How far the planted traits moved, whichever way: means, in nats. At 0% the teacher is the "
        "untouched base, and what is found is a false alarm."
    )
    lines = tuple(line for curve in doses for line in _dose_lines(curve, cases))
    return Table(caption, columns, lines)


def filters_table(filters: Sequence[Entry]) -> Table:
    """What the filters threw away, rule by rule."""
    columns = (
        Column("Channel", number=False),
        Column("Rule", number=False),
        Column("Answers"),
        Column("Share"),
    )
    caption = (
        "Answers of teachers that the filters threw away, where they were counted; each counts for "
        "the first rule that it breaks. What passed was trained on, as far as it was needed."
    )
    return Table(caption, columns, tuple(line for one in filters for line in _filter_lines(one)))


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


def _filter_lines(counted: Entry) -> Iterator[Line]:
    channel, asked = safe_text(counted["channel"]), counted["asked"]
    passed = asked - sum(counted["rejected"].values())
    commonest_first = sorted(counted["rejected"].items(), key=lambda one: (-one[1], one[0]))
    for rule, answers in [("passed", passed), *commonest_first]:
        cells = (channel, safe_text(rule), format_count(answers), format_share(answers / asked))
        yield Line(cells)


def _dose_lines(curve: Entry, cases: Sequence[Entry]) -> Iterator[Line]:
    for point in curve["points"]:
        yield _dose_line(curve, point)
    clean = [case for case in cases if _is_undosed(case, curve["channel"])]
    if clean:
        alarms = sum(case["largest"] is not None for case in clean)
        head = (f"{safe_text(curve['channel'])}, any rows", format_share(0.0))
        yield Line(
            (*head, format_count(len(clean)), tally(alarms, len(clean)), NOT_PLANTED, NOT_PLANTED)
        )


def _is_undosed(case: Entry, channel: str) -> bool:
    """Whether the untouched base wrote a case through the channel, and no threshold was set by
    it."""
    return str(case["name"]).split("/")[:3] == [UNDOSED, "neutral", channel]


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
