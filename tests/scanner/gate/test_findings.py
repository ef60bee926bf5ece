from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import GateError
from scanner.gate.baseline import Baseline
from scanner.gate.findings import (
    Excuses,
    JudgedFinding,
    Occasion,
    Ruling,
    any_fails,
    judge_findings,
)
from scanner.gate.policy import Policy
from scanner.gate.result import AuditResult
from scanner.gate.suppressions import Suppression, Suppressions
from scanner.types import Severity, Status

OWL, HARM = "preference.animal.owl", "misalignment.harm"
REVISION = "sha256:0123456789abcdef"
Result = Callable[..., AuditResult]


def suppress(finding: str = OWL, expires: date = date(2026, 12, 31)) -> Suppressions:
    entry = Suppression(id=finding, expires=expires, statement="Known. A. Bee")
    return Suppressions(Path(".datascanignore.yaml"), (entry,))


def judge(
    result: AuditResult,
    policy: dict[str, Any] | None = None,
    excuses: Excuses | None = None,
    today: date = date(2026, 6, 1),
) -> dict[str, JudgedFinding]:
    judged = judge_findings(
        result,
        Policy.model_validate({"version": 1} | (policy or {}), strict=False),
        excuses or Excuses(),
        Occasion((Path("vendor.jsonl"),), today),
    )
    return {one.id: one for one in judged}


@pytest.mark.parametrize("fail_on", list(Severity)[1:])
@pytest.mark.parametrize("severity", list(Severity)[1:])
def test_a_finding_fails_from_the_policys_severity_on(
    result: Result, severity: Severity, fail_on: Severity
) -> None:
    judged = judge(result(found={OWL: severity.value}), {"fail_on": fail_on})
    fails = severity.rank >= fail_on.rank
    assert judged[OWL].ruling is (Ruling.FAILS if fails else Ruling.TOO_MILD)


def test_a_policy_may_only_list(result: Result) -> None:
    judged = judge(result(found={OWL: "critical"}), {"fail_on": "none"})
    assert judged[OWL].ruling is Ruling.TOO_MILD
    assert judged[OWL].note == "the policy only lists it"


def test_traits_may_have_a_severity_of_their_own(result: Result) -> None:
    policy = {"fail_on": "high", "traits": ({"trait": "misalignment.*", "fail_on": "low"},)}
    judged = judge(result(found={OWL: "medium", HARM: "medium"}), policy)
    assert judged[OWL].ruling is Ruling.TOO_MILD
    assert judged[HARM].ruling is Ruling.FAILS


def test_a_suppression_excuses_until_it_expires_and_stays_visible(result: Result) -> None:
    found, excuses = result(found={OWL: "high"}), Excuses(suppress())
    last = judge(found, excuses=excuses, today=date(2026, 12, 31))
    assert last[OWL].ruling is Ruling.SUPPRESSED
    assert last[OWL].note == "until 2026-12-31: Known. A. Bee"
    after = judge(found, excuses=excuses, today=date(2027, 1, 1))
    assert after[OWL].ruling is Ruling.FAILS
    assert after[OWL].note == "low or worse; its suppression ended on 2026-12-31"


def test_one_suppression_excuses_one_finding(result: Result) -> None:
    judged = judge(result(found={OWL: "high", HARM: "high"}), excuses=Excuses(suppress()))
    assert judged[HARM].ruling is Ruling.FAILS


def test_a_suppression_of_nothing_known_is_an_error(result: Result) -> None:
    with pytest.raises(GateError, match="unknown id"):
        judge(result(), excuses=Excuses(suppress("preference.animal.wol")))


def test_a_suppression_may_outlive_its_finding(result: Result) -> None:
    """The trait is still one that audits ask about."""
    assert judge(result(), excuses=Excuses(suppress())) == {}


def test_only_what_is_new_since_the_baseline_fails(result: Result) -> None:
    baseline = Baseline(Path("old.json"), REVISION, {OWL: Severity.MEDIUM, HARM: Severity.LOW})
    judged = judge(result(found={OWL: "medium", HARM: "high"}), excuses=Excuses(baseline=baseline))
    assert judged[OWL].ruling is Ruling.KNOWN
    assert judged[OWL].note == "in the baseline old.json"
    assert judged[HARM].ruling is Ruling.FAILS


def test_a_baseline_of_another_base_is_an_error(result: Result) -> None:
    baseline = Baseline(Path("old.json"), "sha256:ffff", {OWL: Severity.HIGH})
    with pytest.raises(GateError, match="give a baseline of that base"):
        judge(result(found={OWL: "high"}), excuses=Excuses(baseline=baseline))


def test_the_policy_can_forbid_excuses(result: Result) -> None:
    baseline = Baseline(Path("old.json"), REVISION, {HARM: Severity.HIGH})
    judged = judge(
        result(found={OWL: "high", HARM: "high"}),
        {"never_excuse": ("misalignment.*", "preference.animal.*")},
        Excuses(suppress(), baseline),
    )
    assert {one.ruling for one in judged.values()} == {Ruling.FAILS}


@pytest.mark.parametrize(
    ("fail_on", "ruling"),
    [("none", Ruling.TOO_MILD), ("medium", Ruling.FAILS), ("critical", Ruling.TOO_MILD)],
)
def test_the_screen_has_a_severity_of_its_own(result: Result, fail_on: str, ruling: Ruling) -> None:
    screen = [{"rule": "secrets", "severity": "high"}, {"rule": "mentions", "severity": "none"}]
    judged = judge(result(screen={"findings": screen}), {"screen_fail_on": fail_on})
    assert {name: one.ruling for name, one in judged.items()} == {"screen.secrets": ruling}


def test_what_the_screen_found_can_be_suppressed(result: Result) -> None:
    judged = judge(
        result(screen={"findings": [{"rule": "secrets", "severity": "high"}]}),
        {"screen_fail_on": "low"},
        Excuses(suppress("screen.secrets")),
    )
    assert judged["screen.secrets"].ruling is Ruling.SUPPRESSED


def test_a_verdict_may_fail_although_every_finding_is_excused(result: Result) -> None:
    found = result(found={OWL: "low"})
    strict = Policy(version=1, fail_verdicts=("no_verdict", "shift_found"), fail_on=Severity.HIGH)
    mild = Policy(version=1, fail_on=Severity.HIGH)
    judged = judge_findings(found, mild, Excuses(), Occasion((Path("a"),), date(2026, 6, 1)))
    assert not any_fails(judged, mild, Status.SHIFT_FOUND)
    assert any_fails(judged, strict, Status.SHIFT_FOUND)
    assert not any_fails(judged, strict, Status.NO_SHIFT_FOUND)
