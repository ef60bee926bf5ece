"""Which findings fail: what the policy says, what is suppressed, what is known."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from scanner.gate.baseline import Baseline
from scanner.gate.patterns import matches_any
from scanner.gate.policy import Policy
from scanner.gate.result import SCREEN, AuditResult, Finding
from scanner.gate.shipped import shipped_traits
from scanner.gate.suppressions import NONE, Suppressions
from scanner.report.results import as_measured
from scanner.types import Severity, Status


class Ruling(StrEnum):
    """What becomes of a finding."""

    FAILS = "fails"
    TOO_MILD = "too mild"
    SUPPRESSED = "suppressed"
    KNOWN = "known"


@dataclass(frozen=True)
class Excuses:
    """Why findings need not fail, besides the policy."""

    suppressions: Suppressions = NONE
    baseline: Baseline | None = None

    def refuse_unfit(self, revision: str, traits: Collection[str] = ()) -> None:
        """Raise GateError where they do not belong to an audit on this revision of a base.

        ``traits`` are those of the audit, besides what this version asks about.
        """
        if self.baseline:
            self.baseline.refuse_other_base(revision)
        if self.suppressions.entries:
            shipped = {trait for each in shipped_traits().values() for trait in each}
            self.suppressions.refuse_unknown({*traits, *shipped})


NOTHING_EXCUSED = Excuses()


@dataclass(frozen=True)
class JudgedFinding:
    """A finding and what becomes of it."""

    id: str
    severity: Severity
    shift: float | None
    ruling: Ruling
    note: str
    """Why, in a few words."""


@dataclass(frozen=True)
class Occasion:
    """Where and when findings are judged."""

    data: tuple[Path, ...]
    """The dataset's files, as the user named them."""
    today: date
    """In UTC."""


def judge_findings(
    result: AuditResult, policy: Policy, excuses: Excuses, occasion: Occasion
) -> tuple[JudgedFinding, ...]:
    """Every finding with its ruling, in the result's order.

    Raises GateError where an excuse does not belong to this result.
    """
    excuses.refuse_unfit(result.base.revision, [trait.trait for trait in result.traits])
    return tuple(_judge(one, policy, excuses, occasion) for one in _findings(result))


def any_fails(judged: Collection[JudgedFinding], policy: Policy, status: Status) -> bool:
    """Whether a finding fails, or the verdict in itself."""
    if status == Status.SHIFT_FOUND and "shift_found" in policy.fail_verdicts:
        return True
    return any(one.ruling is Ruling.FAILS for one in judged)


def with_excused(results: Mapping[str, Any], judged: Iterable[JudgedFinding]) -> dict[str, Any]:
    """``results`` with what is excused, for reports to show; as measured where nothing is."""
    excused = [
        {"finding": one.id, "ruling": one.ruling.value, "note": one.note}
        for one in judged
        if one.ruling in (Ruling.SUPPRESSED, Ruling.KNOWN)
    ]
    measured = as_measured(results)
    return {**measured, "excused": excused} if excused else measured


def _findings(result: AuditResult) -> list[Finding]:
    """Those that are findings at all: a screen may list what is only worth knowing."""
    return [one for one in result.all_findings if one.severity is not Severity.NONE]


def _judge(finding: Finding, policy: Policy, excuses: Excuses, occasion: Occasion) -> JudgedFinding:
    ruling, note = _ruling(finding, policy, excuses, occasion)
    return JudgedFinding(finding.id, finding.severity, finding.shift, ruling, note)


def _ruling(
    finding: Finding, policy: Policy, excuses: Excuses, occasion: Occasion
) -> tuple[Ruling, str]:
    screened = finding.id.startswith(SCREEN)
    fail_on = policy.screen_fail_on if screened else policy.fails_on(finding.id)
    if fail_on is Severity.NONE:
        return Ruling.TOO_MILD, "the policy only lists it"
    if finding.severity.rank < fail_on.rank:
        return Ruling.TOO_MILD, f"milder than {fail_on}"
    why = f"{fail_on} or worse"
    if matches_any(finding.id, policy.never_excuse):
        return Ruling.FAILS, f"{why}; the policy lets nothing excuse it"
    suppression = excuses.suppressions.of(finding.id, occasion.data)
    if suppression and occasion.today <= suppression.expires:
        return Ruling.SUPPRESSED, f"until {suppression.expires}: {suppression.statement}"
    if excuses.baseline and excuses.baseline.knows(finding.id, finding.severity):
        return Ruling.KNOWN, f"in the baseline {excuses.baseline.path}"
    expired = f"; its suppression ended on {suppression.expires}" if suppression else ""
    return Ruling.FAILS, why + expired
