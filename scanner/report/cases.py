"""An audit as a list of tests: the verdict, every trait, every rule of the screen that spoke."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scanner.report import words
from scanner.report.excused import ExcusedFinding, excused_findings
from scanner.report.screened import ScreenRow, view_screen
from scanner.report.text import safe_text
from scanner.report.traits import view_trait
from scanner.types import Severity, Status

SCREEN = "screen"
VERDICT = "verdict"


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    WARNED = "warned"
    """The screen found something; that decides nothing."""
    FAILED = "failed"
    """A finding."""
    SKIPPED = "skipped"
    """Not measured, not decided, or a finding that is excused."""
    ERROR = "error"
    """The audit came to no verdict."""


@dataclass(frozen=True)
class Case:
    """One test."""

    group: str
    """``verdict``, ``preference.animal``, ``screen``; not yet safe to show."""
    name: str
    """The trait, the rule's id, or ``verdict``; not yet safe to show."""
    outcome: Outcome
    severity: Severity
    """Of the finding; NONE where there is none."""
    message: str
    """What is to be said of it, on one safe line."""


def cases_of(results: Mapping[str, Any]) -> tuple[Case, ...]:
    """The tests of an audit: first the verdict, then the traits, then the screen."""
    status, excused = decided_status(results), excused_findings(results)
    return (
        _of_verdict(results, status),
        *(_of_trait(entry, status, excused.get(entry["trait"])) for entry in results["traits"]),
        *(_of_rule(row) for row in view_screen(results).findings),
    )


def decided_status(results: Mapping[str, Any]) -> Status:
    """The verdict's status; an audit that did not finish has none, whatever it says."""
    return Status(results["verdict"]["status"]) if results["complete"] else Status.NO_VERDICT


def _of_verdict(results: Mapping[str, Any], status: Status) -> Case:
    reason = safe_text(results["verdict"]["reason"])
    said = f"{words.STATUS_WORDS[status]}: {reason}"
    if not results["complete"]:
        said = f"{words.STATUS_WORDS[status]}: {words.UNFINISHED}"
    outcome = Outcome.ERROR if status is Status.NO_VERDICT else Outcome.PASSED
    return Case(VERDICT, VERDICT, outcome, Severity(results["verdict"]["severity"]), said)


def _of_trait(entry: Mapping[str, Any], status: Status, excused: ExcusedFinding | None) -> Case:
    view = view_trait(entry, status, excused)
    if excused:
        outcome, message = Outcome.SKIPPED, f"{view.excuse}. {view.sentence}"
    elif view.is_finding:
        outcome, message = Outcome.FAILED, f"{view.sentence} {view.advice}"
    elif entry["unmeasured"] is not None or status is Status.NO_VERDICT:
        outcome, message = Outcome.SKIPPED, view.standing
    else:
        outcome, message = Outcome.PASSED, view.standing
    group = entry["trait"].rpartition(".")[0] or "other"
    return Case(group, entry["trait"], outcome, Severity(entry["severity"]), message)


def _of_rule(row: ScreenRow) -> Case:
    outcome = Outcome.PASSED if row.severity is Severity.NONE else Outcome.WARNED
    return Case(SCREEN, row.rule, outcome, row.severity, row.sentence)
