"""What the rows themselves show of the traits, as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from scanner.report import words
from scanner.report.text import format_p

SHOWN = 3
"""Traits with the smallest p-values."""
CLEAR = 0.05
"""A trace with a larger adjusted p-value is not worth a line in a terminal."""
DECIDES = "They have a part in the verdict, by the rule that the calibration fixed."
DECIDES_NOT = (
    "They have no part in the verdict: no calibration that this audit stands on was made with them."
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
class TracesView:
    """The traces of an audit."""

    traits: tuple[TracedTrait, ...]
    """The clearest of every arm."""
    note: str
    """Whether they decide, or why there are none."""
    clear: bool = False
    """Whether the clearest stands out at all."""

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
    traces = [trace for entry in results["traits"] for trace in entry.get("traces", ())]
    measured = [trace for trace in traces if trace["p_value"] is not None]
    if not measured:
        missing = next((trace["unmeasured"] for trace in traces), "the audit read no traces")
        return TracesView((), f"Not measured: {missing}.")
    clearest = nsmallest(SHOWN, measured, key=lambda one: (one["p_value"], one["trait"]))
    decides = DECIDES if results.get("traces_decide") else DECIDES_NOT
    clear = clearest[0]["p_adjusted"] <= CLEAR
    return TracesView(tuple(map(_traced, clearest)), decides, clear)


def _traced(trace: Mapping[str, Any]) -> TracedTrait:
    return TracedTrait(
        label=words.trait_label(trace["trait"]),
        arm=trace["arm"],
        strength=f"{trace['strength']:.1f}",
        z=f"{trace['z']:.1f}",
        p_adjusted=format_p(trace["p_adjusted"]),
    )
