"""Which findings fail: what the policy says, what is suppressed, what is known."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from scanner.gate.baseline import Baseline
from scanner.gate.patterns import matches_any
from scanner.gate.policy import Policy
from scanner.gate.result import SCREEN, AuditResult, Finding
from scanner.gate.shipped import shipped_traits
from scanner.gate.suppressions import NONE, Suppressions
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
    if excuses.baseline:
        excuses.baseline.refuse_other_base(result)
    if excuses.suppressions.entries:
        excuses.suppressions.refuse_unknown(_known_traits(result))
    return tuple(_judge(one, policy, excuses, occasion) for one in _findings(result))


def any_fails(judged: Collection[JudgedFinding], policy: Policy, status: Status) -> bool:
    """Whether a finding fails, or the verdict in itself."""
    if status == Status.SHIFT_FOUND and "shift_found" in policy.fail_verdicts:
        return True
    return any(one.ruling is Ruling.FAILS for one in judged)


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


def _known_traits(result: AuditResult) -> set[str]:
    """Traits of this audit, and those that this version asks about."""
    shipped = {trait for traits in shipped_traits().values() for trait in traits}
    return {trait.trait for trait in result.traits} | shipped
