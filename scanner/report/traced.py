"""What the rows themselves show of the traits, as a reader sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any

from scanner.report import words
from scanner.report.text import format_p

SHOWN = 3
"""Traits with the smallest p-values."""
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

    @property
    def line(self) -> str:
        """The clearest trace in a line; empty without any."""
        if not self.traits:
            return ""
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
    return TracesView(tuple(map(_traced, clearest)), decides)


def _traced(trace: Mapping[str, Any]) -> TracedTrait:
    return TracedTrait(
        label=words.trait_label(trace["trait"]),
        arm=trace["arm"],
        strength=f"{trace['strength']:.1f}",
        z=f"{trace['z']:.1f}",
        p_adjusted=format_p(trace["p_adjusted"]),
    )
