"""Findings that need not fail, as every report shows them: excused, and visible all the same.

``excused`` of results.json says what was so when it was written, by the suppressions and the
baseline that were given. It decides nothing: every command that gates judges anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report.text import count_of, format_count, safe_text
from scanner.report.words import trait_label

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class ExcusedFinding:
    """One of them."""

    label: str
    """The trait, in words."""
    ruling: str
    """``suppressed``, or ``known`` from a baseline."""
    note: str
    """Until when and why, or from which baseline."""

    @property
    def words(self) -> str:
        """Both in a few words."""
        return f"{self.ruling} {self.note}"


def excused_findings(results: Entry) -> dict[str, ExcusedFinding]:
    """Each by the trait's id; empty where nothing is excused."""
    return {
        one["finding"]: ExcusedFinding(
            trait_label(one["finding"]), safe_text(one["ruling"]), safe_text(one["note"])
        )
        for one in results.get("excused", ())
    }


def excused_summary(results: Entry) -> str:
    """How many of the findings are; empty if none is."""
    excused, found = len(excused_findings(results)), len(results["findings"])
    if not excused:
        return ""
    return (
        f"Excused: {format_count(excused)} of {count_of(found, 'finding')}. What is excused does "
        "not fail the gate, and stays a finding."
    )
