"""The single cases of a calibration, told by group, by lineage and by what makes effects grow."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from scanner.report.calibration_tables import (
    Column,
    Line,
    Table,
    is_measured,
    shift_text,
    tally,
)
from scanner.report.forest import Axis, Strip, place_strip, round_axis
from scanner.report.text import count_of, format_count, format_level, safe_text
from scanner.report.words import trait_label

Entry = Mapping[str, Any]
GROWTH = "growth_"
_STRANGER = "other lineage"
_RESULTS = ("found", "missed", "quiet", "alarm", "false alarm")
_SHARE_PART = 4  # group/trait/channel/rows/share/...


@dataclass(frozen=True)
class CaseGroup:
    """All cases of one group."""

    name: str
    """In words."""
    summary: str
    """How many, and how they ended."""
    strip: Strip | None
    """The planted shifts, for a group that has any."""
    table: Table
    """Each of them."""


@dataclass(frozen=True)
class LineageGroup:
    """Full-strength cases of one group, of the base's own lineage or of another."""

    name: str
    """In words."""
    own: bool
    """Whether teacher and student are of one lineage."""
    cases: tuple[Entry, ...]
    """All of them, measured or not."""

    @property
    def shifts(self) -> list[float]:
        """Of the planted trait, where they are known."""
        return shifts_of(self.cases)


def case_groups(cases: Sequence[Entry]) -> tuple[CaseGroup, ...]:
    """Every case, by group, on one scale."""
    axis = round_axis(shifts_of(cases))
    groups = _by(cases, lambda case: str(case["group"]))
    return tuple(_case_group(name, same, axis) for name, same in groups.items())


def lineage_groups(cases: Sequence[Entry]) -> tuple[LineageGroup, ...]:
    """Planted at full strength by teachers of the own lineage, then of another one."""
    own = [case for case in cases if case["planted"] and _is_full(case) and not _is_growth(case)]
    strangers = [case for case in cases if not case["benign"] and _is_stranger(case)]
    by_lineage = ((True, [case for case in own if not _is_stranger(case)]), (False, strangers))
    return tuple(
        LineageGroup(group_name(name), is_own, tuple(same))
        for is_own, of_lineage in by_lineage
        for name, same in _by(of_lineage, lambda case: str(case["group"])).items()
    )


def lineage_table(groups: Sequence[LineageGroup]) -> Table:
    """Own and other lineage, in counts."""
    columns = (
        Column("Group", number=False),
        Column("Teacher's lineage", number=False),
        Column("Cases"),
        Column("Planted trait found", outcome=True),
        Column("Any finding", outcome=True),
        Column("Mean planted shift"),
    )
    caption = (
        "All rows written by a teacher with the trait. Another lineage should learn nothing, so "
        "there any finding is a miss."
    )
    return Table(caption, columns, tuple(_lineage_line(group) for group in groups))


def growth_table(cases: Sequence[Entry]) -> Table:
    """What makes an effect larger: cases that differ only in trait and seed, together."""
    columns = (
        Column("What changes", number=False),
        Column("Setting", number=False),
        Column("Found", outcome=True),
        Column("Mean planted shift"),
        Column("Each case", number=False),
    )
    growing = [case for case in cases if _is_growth(case)]
    axis = round_axis(shifts_of(growing))
    settings = _by(growing, lambda case: (str(case["group"]), setting_of(case["name"])))
    caption = (
        "Cases that differ only in trait and seed share a line. Shifts in nats; dots are cases "
        "found, ticks those that were not."
    )
    lines = (_growth_line(group, how, same, axis) for (group, how), same in settings.items())
    return Table(caption, columns, tuple(lines))


def setting_of(name: str) -> str:
    """Everything in a case's name except its group, trait and seed."""
    parts = name.split("/")
    return ", ".join(part for part in parts[2:] if not part.startswith("seed ")) or name


def group_name(group: str) -> str:
    """A group in words."""
    return safe_text(group).replace("_", " ")


def case_result(case: Entry) -> str:
    """How an audit with the calibrated threshold ended: one of ``_RESULTS``, maybe with more."""
    alarm = case["largest"] is not None
    if case["planted"]:
        wrong = "missed: another trait found" if alarm else "missed"
        return "found" if case["found"] else wrong
    if not alarm:
        return "quiet"
    return "false alarm" if case["benign"] else "alarm"


def shifts_of(cases: Sequence[Entry]) -> list[float]:
    """The planted shifts that are known."""
    return [case["planted_shift"] for case in cases if is_measured(case["planted_shift"])]


def _case_group(name: str, cases: Sequence[Entry], axis: Axis) -> CaseGroup:
    columns = (
        Column("Case", number=False),
        Column("Planted", number=False),
        Column("Planted shift"),
        Column("Score"),
        Column("Largest finding", number=False),
        Column("Result", number=False, outcome=True),
    )
    results = [case_result(case).partition(":")[0] for case in cases]
    ends = (f"{results.count(end)} {end}" for end in _RESULTS if end in results)
    caption = (
        "Shifts in nats. Score: −log10 of the smallest adjusted p of a trait that moved; at most 0 "
        "where that is 1, the lower the larger p was."
    )
    return CaseGroup(
        name=group_name(name),
        summary=f"{count_of(len(cases), 'case')}: {', '.join(ends)}",
        strip=_strip(cases, axis),
        table=Table(caption, columns, tuple(_case_line(case) for case in cases)),
    )


def _case_line(case: Entry) -> Line:
    result, planted = case_result(case), [trait_label(trait) for trait in case["planted"]]
    cells = (
        safe_text(case["name"]),
        ", ".join(planted) or "nothing",
        shift_text(case["planted_shift"]) if planted else "",
        format_level(case["score"], "score"),
        "none" if case["largest"] is None else trait_label(case["largest"]),
        result,
    )
    return Line(cells, failed=result not in ("found", "quiet"))


def _lineage_line(group: LineageGroup) -> Line:
    count = len(group.cases)
    found = sum(bool(case["found"]) for case in group.cases)
    alarms = sum(case["largest"] is not None for case in group.cases)
    cells = (
        group.name,
        "own" if group.own else "other",
        format_count(count),
        tally(found, count) if group.own else "none is expected",
        tally(alarms, count),
        shift_text(fmean(group.shifts) if group.shifts else None),
    )
    return Line(cells, failed=found == 0 if group.own else alarms > 0)


def _growth_line(group: str, setting: str, cases: Sequence[Entry], axis: Axis) -> Line:
    shifts, found = shifts_of(cases), sum(bool(case["found"]) for case in cases)
    cells = (
        group_name(group.removeprefix(GROWTH)),
        safe_text(setting),
        tally(found, len(cases)),
        shift_text(fmean(shifts) if shifts else None),
    )
    return Line(cells, failed=found == 0, strip=_strip(cases, axis) or place_strip([], [], axis))


def _strip(cases: Sequence[Entry], axis: Axis) -> Strip | None:
    missed = shifts_of([case for case in cases if not case["found"]])
    found = shifts_of([case for case in cases if case["found"]])
    return place_strip(missed, found, axis) if missed or found else None


def _is_growth(case: Entry) -> bool:
    return str(case["group"]).startswith(GROWTH)


def _is_full(case: Entry) -> bool:
    return str(case["name"]).split("/")[_SHARE_PART : _SHARE_PART + 1] == ["100%"]


def _is_stranger(case: Entry) -> bool:
    return _STRANGER in case["name"]


def _by(cases: Sequence[Entry], key: Callable[[Entry], Any]) -> dict[Any, list[Entry]]:
    """Cases grouped by a key, in the order the keys first appear."""
    groups: dict[Any, list[Entry]] = defaultdict(list)
    for case in cases:
        groups[key(case)].append(case)
    return dict(groups)
