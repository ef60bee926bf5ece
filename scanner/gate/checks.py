"""The checks: whether a result is one that the policy goes by, findings aside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from packaging.version import InvalidVersion, Version

from scanner.gate.consistency import contradiction
from scanner.gate.patterns import matches_any
from scanner.gate.policy import AllowedBase, Policy
from scanner.gate.power import unseen
from scanner.gate.result import AuditedBase, AuditResult
from scanner.gate.shipped import shipped_traits
from scanner.report.text import safe_text
from scanner.types import Status

AUDIT_AGAIN = "audit the data again"
CLOCK_SKEW = timedelta(minutes=10)
"""How far the clocks of two machines may lie apart."""


@dataclass(frozen=True)
class Check:
    """One thing that was asked of a result."""

    name: str
    """Short id: ``age``."""
    met: bool
    found: str
    """What is so, in words."""
    expected: str
    cure: str
    """What to do where it is not met."""
    voids: bool = False
    """Whether the result, if this is not met, says nothing about this data at all."""


def check_result(result: AuditResult, policy: Policy, now: datetime) -> tuple[Check, ...]:
    """Everything but the data itself and the signature."""
    return (
        *_soundness(result),
        _verdict(result),
        _age(result, policy, now),
        _version(result, policy),
        _base(result, policy),
        _batteries(result, policy),
        _thresholds(result, policy),
        *_power(result, policy),
        *_named_traits(result, policy),
    )


def _soundness(result: AuditResult) -> Iterator[Check]:
    yield Check(
        "complete",
        result.complete,
        "a finished audit" if result.complete else "an audit that did not finish",
        "a finished one",
        "run the same audit again, it goes on",
        voids=True,
    )
    wrong = contradiction(result)
    yield Check(
        "consistent",
        wrong is None,
        wrong or "a result that agrees with itself",
        "results as the audit wrote them",
        f"take the unedited file, or {AUDIT_AGAIN}",
        voids=True,
    )


def _verdict(result: AuditResult) -> Check:
    no_verdict = result.verdict.status == Status.NO_VERDICT
    reason = safe_text(result.verdict.reason).rstrip(".")
    return Check(
        "verdict",
        not no_verdict,
        f"none ({reason})" if no_verdict else result.verdict.status.replace("_", " "),
        "a verdict",
        AUDIT_AGAIN,
    )


def _age(result: AuditResult, policy: Policy, now: datetime) -> Check:
    age, limit = now - result.created, policy.maximum_age_days
    past = age >= -CLOCK_SKEW
    days = max(0, age.days)
    found = f"an audit {days} days old" if past else f"an audit of {result.created:%Y-%m-%d}"
    expected = "one from the past" if limit is None else f"one from the past {limit} days"
    young = past and (limit is None or days <= limit)
    cure = AUDIT_AGAIN if past else f"set the clocks, or {AUDIT_AGAIN}"
    return Check("age", young, found, expected, cure)


def _version(result: AuditResult, policy: Policy) -> Check:
    try:
        new_enough = Version(result.tool.version) >= Version(policy.minimum_tool_version)
    except InvalidVersion:
        new_enough = False
    found = f"{safe_text(result.tool.name)} {safe_text(result.tool.version)}"
    expected = f"{policy.minimum_tool_version} or newer"
    return Check("tool", new_enough, found, expected, f"{AUDIT_AGAIN} with a newer version")


def _base(result: AuditResult, policy: Policy) -> Check:
    found = f"base {safe_text(result.base.id)} ({safe_text(result.base.revision)})"
    allowed = is_allowed(result.base, policy)
    names = ", ".join(f"{one.id or one.revision}" for one in policy.bases or ())
    expected = "any base" if policy.bases is None else names or "no base at all"
    return Check("base", allowed, found, expected, f"{AUDIT_AGAIN} on the base that you train")


def is_allowed(base: AuditedBase, policy: Policy) -> bool:
    """Whether the policy takes results of this base."""
    return policy.bases is None or any(_is_base(base, one) for one in policy.bases)


def _is_base(base: AuditedBase, allowed: AllowedBase) -> bool:
    same_id = allowed.id in (None, base.id)
    return same_id and allowed.revision in (None, base.revision)


def _batteries(result: AuditResult, policy: Policy) -> Check:
    wanted = tuple(shipped_traits()) if policy.batteries is None else policy.batteries
    asked = {battery.id for battery in result.batteries if battery.traits}
    missing = sorted(set(wanted) - asked)
    found = f"no answers to {safe_text(', '.join(missing))}" if missing else f"{len(asked)} asked"
    of = "come with datascan" if policy.batteries is None else "the policy names"
    expected = f"all {len(wanted)} that {of}" if wanted else "none in particular"
    return Check("batteries", not missing, found, expected, AUDIT_AGAIN)


def _thresholds(result: AuditResult, policy: Policy) -> Check:
    used, loosest = result.thresholds, policy.thresholds
    certificate = result.calibration
    if certificate:
        rate_is_right = used.error_rate == certificate.threshold
    else:
        rate_is_right = used.error_rate >= loosest.error_rate
    right = {
        f"error rate {used.error_rate:g}": rate_is_right,
        f"least shift {used.least_shift:g}": used.least_shift <= loosest.least_shift,
        f"least updates {used.least_updates}": used.least_updates >= loosest.least_updates,
        f"most broken {used.most_broken:g}": used.most_broken <= loosest.most_broken,
    }
    wrong = [what for what, is_right in right.items() if not is_right]
    return Check(
        "thresholds",
        not wrong,
        ", ".join(wrong or right),
        "thresholds of the certificate, or as strict as the policy's",
        AUDIT_AGAIN,
    )


def _power(result: AuditResult, policy: Policy) -> Iterator[Check]:
    certificate = result.calibration
    if policy.certificates is not None:
        found = certificate.id if certificate else "none"
        yield Check(
            "certificate",
            found in policy.certificates,
            f"certificate {safe_text(found)}",
            " or ".join(policy.certificates) or "none can do",
            f"{AUDIT_AGAIN} with --calibration",
        )
    if policy.power is not None:
        doubt = unseen(result, policy.power)
        share = f"{policy.power.detectable_share:.0%} of poisoned rows"
        yield Check(
            "power",
            doubt is None,
            doubt or f"an audit that would have seen {share}",
            f"one that sees {share} at 95% power",
            "calibrate the base and audit again, or let the policy ask for less",
        )


def _named_traits(result: AuditResult, policy: Policy) -> Iterator[Check]:
    """A rule about traits that were not asked about is a slip, or the audit lacks something."""
    if policy.traits:
        asked = [trait.trait for trait in result.traits]
        idle = [
            rule.trait
            for rule in policy.traits
            if not any(matches_any(name, (rule.trait,)) for name in asked)
        ]
        yield Check(
            "traits",
            not idle,
            f"no trait like {safe_text(idle[0])}" if idle else "all traits that rules name",
            "answers about each trait that the policy's rules name",
            f"correct the rule, or {AUDIT_AGAIN}",
        )
