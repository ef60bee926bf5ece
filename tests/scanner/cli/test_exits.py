from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.exits import Exit, Gated, code_of, gate
from scanner.errors import GateError
from scanner.gate.findings import Excuses, Ruling
from scanner.gate.suppressions import Suppression, Suppressions
from scanner.gate.verification import Outcome
from scanner.types import Severity

OWL = "preference.animal.owl"
Values = dict[str, Any]


@pytest.fixture
def results(tmp_path: Path, audit_values: Callable[..., Values]) -> Callable[..., Values]:
    """Builds the results of an audit, with a status and the severity of its finding."""
    (tmp_path / "v.jsonl").write_text("x", "utf-8")

    def build(status: str, severity: str, **changes: Any) -> Values:
        found = {OWL: severity} if severity != "none" else {}
        values = audit_values(tmp_path / "v.jsonl", found=found, **changes)
        return values | {"verdict": values["verdict"] | {"status": status}}

    return build


@pytest.mark.parametrize(
    ("status", "severity", "fail_on", "code"),
    [
        ("shift_found", "high", "low", Exit.FOUND),
        ("shift_found", "low", "low", Exit.FOUND),
        ("shift_found", "low", "medium", Exit.NOTHING_FOUND),
        ("shift_found", "critical", "critical", Exit.FOUND),
        ("shift_found", "critical", "none", Exit.NOTHING_FOUND),
        ("no_shift_found", "none", "low", Exit.NOTHING_FOUND),
        ("no_shift_found", "none", "none", Exit.NOTHING_FOUND),
        ("no_verdict", "none", "low", Exit.NO_VERDICT),
        ("no_verdict", "none", "none", Exit.NO_VERDICT),
    ],
)
def test_the_gate(
    results: Callable[..., Values], status: str, severity: str, fail_on: str, code: Exit
) -> None:
    assert gate(results(status, severity), Severity(fail_on)).code is code


def test_an_incomplete_audit_never_passes(results: Callable[..., Values]) -> None:
    unfinished = results("no_shift_found", "none", complete=False)
    assert gate(unfinished, Severity.LOW) == Gated(Exit.NO_VERDICT)


def suppress(finding: str) -> Excuses:
    entry = Suppression(id=finding, expires=date(2999, 12, 31), statement="Known.")
    return Excuses(Suppressions(Path(".datascanignore.yaml"), (entry,)))


def test_an_audits_findings_can_be_excused(results: Callable[..., Values]) -> None:
    found = results("shift_found", "high")
    gated = gate(found, Severity.LOW, suppress(OWL))
    assert gated.code is Exit.NOTHING_FOUND
    assert [one.ruling for one in gated.findings] == [Ruling.SUPPRESSED]
    assert gate(found, Severity.LOW, suppress("misalignment.harm")).code is Exit.FOUND
    with pytest.raises(GateError, match="unknown id"):
        gate(found, Severity.LOW, suppress("preference.animal.wol"))


def test_no_excuse_makes_a_verdict(results: Callable[..., Values]) -> None:
    gated = gate(results("no_verdict", "none"), Severity.LOW, suppress(OWL))
    assert gated.code is Exit.NO_VERDICT


def test_every_outcome_has_its_code() -> None:
    codes = {outcome: code_of(outcome) for outcome in Outcome}
    assert codes == {
        Outcome.PASSES: Exit.NOTHING_FOUND,
        Outcome.FAILS: Exit.FOUND,
        Outcome.NO_VERDICT: Exit.NO_VERDICT,
    }


def test_codes_are_those_of_the_readme() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 130]
