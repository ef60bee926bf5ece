"""What the rows themselves show of the traits, as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from scanner.report import words
from scanner.report.text import NOT_MEASURED, format_count, format_p, safe_text, shorten

SHOWN = 3
"""Traits with the smallest p-values."""
CLEAR = 0.05
"""A trace with a larger adjusted p-value is not worth a line in a terminal."""
LONGEST_NAME = 60
"""Characters of a group's name."""
DECIDES = "Such traces have a part in the verdict, by the rule that the calibration fixed."
DECIDES_NOT = (
    "Such traces have no part in the verdict: no calibration that this audit stands on was made "
    "with them."
)


@dataclass(frozen=True)
class TracedTrait:
    """One trait in one arm."""

    label: str
    arm: str
    strength: str
    """In standard deviations of what teachers of other traits pull."""
    z: str
    """In standard errors over the rows."""
    p_adjusted: str


@dataclass(frozen=True)
class GroupView:
    """What the rows of one group show by themselves."""

    name: str
    rows: str
    label: str
    """The clearest trait's."""
    p_adjusted: str


@dataclass(frozen=True)
class TracesView:
    """The traces of an audit."""

    traits: tuple[TracedTrait, ...]
    """The clearest of every arm."""
    note: str
    """Whether they decide, or why there are none."""
    clear: bool = False
    """Whether the clearest stands out at all."""
    groups: tuple[GroupView, ...] = ()
    """The clearest first; none where all rows are of one."""
    clear_group: bool = False
    """Whether the clearest of them stands out."""

    @property
    def group_line(self) -> str:
        """The clearest group in a line, if it stands out; empty without groups."""
        if not self.groups:
            return ""
        if not self.clear_group:
            return f"traces in {len(self.groups)} groups of rows: none stands out"
        first = self.groups[0]
        return f"clearest in {first.name}: {first.label} (adjusted p {first.p_adjusted})"

    @property
    def line(self) -> str:
        """The clearest trace in a line, if it stands out; empty without any."""
        if not self.traits:
            return ""
        if not self.clear:
            return "traces in the rows: none stands out"
        first = self.traits[0]
        return f"traces in the rows: {first.label} (adjusted p {first.p_adjusted}, {first.arm})"


def view_traces(results: Mapping[str, Any]) -> TracesView:
    """The traces of ``results``; older results have none."""
    traces = [
        trace
        for entry in results["traits"]
        for trace in entry.get("traces", ())
        if trace.get("group") is None
    ]
    measured = [trace for trace in traces if trace["p_value"] is not None]
    if not measured:
        missing = next((trace["unmeasured"] for trace in traces), "the audit read no traces")
        return TracesView((), f"Not measured: {missing}.")
    clearest = nsmallest(SHOWN, measured, key=lambda one: (one["p_value"], one["trait"]))
    decides = DECIDES if results.get("traces_decide") else DECIDES_NOT
    clear = clearest[0]["p_adjusted"] <= CLEAR
    groups = results.get("groups", ())
    return TracesView(
        tuple(map(_traced, clearest)),
        decides,
        clear,
        tuple(map(_grouped, groups)),
        any((group["p_adjusted"] or 1) <= CLEAR for group in groups if group["trait"]),
    )


def group_label(name: str) -> str:
    """A group as a reader sees it: the data's own text, harmless and short."""
    return shorten(safe_text(name), LONGEST_NAME)


def _grouped(group: Mapping[str, Any]) -> GroupView:
    return GroupView(
        name=group_label(group["name"]),
        rows=format_count(group["rows"]),
        label=words.trait_label(group["trait"]) if group["trait"] else NOT_MEASURED,
        p_adjusted=format_p(group["p_adjusted"]),
    )


def _traced(trace: Mapping[str, Any]) -> TracedTrait:
    return TracedTrait(
        label=words.trait_label(trace["trait"]),
        arm=trace["arm"],
        strength=f"{trace['strength']:.1f}",
        z=f"{trace['z']:.1f}",
        p_adjusted=format_p(trace["p_adjusted"]),
    )
