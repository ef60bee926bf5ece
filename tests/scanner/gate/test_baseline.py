from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import DatascanError, GateError
from scanner.gate.baseline import load_baseline
from scanner.gate.result import AuditResult
from scanner.types import Severity

OWL = "preference.animal.owl"
Audited = Callable[..., Path]


def test_a_finding_is_known_at_the_same_severity_or_a_milder_one(
    audited: Audited, data: Path
) -> None:
    baseline = load_baseline(audited(data, found={OWL: "medium"}))
    assert baseline.knows(OWL, Severity.LOW)
    assert baseline.knows(OWL, Severity.MEDIUM)
    assert not baseline.knows(OWL, Severity.HIGH)
    assert not baseline.knows("misalignment.harm", Severity.LOW)


def test_a_baseline_of_another_base_does_not_compare(
    audited: Audited, data: Path, result: Callable[..., AuditResult]
) -> None:
    baseline = load_baseline(audited(data))
    baseline.refuse_other_base(result().base.revision)
    with pytest.raises(GateError, match="expected one on sha256:ffff"):
        baseline.refuse_other_base("sha256:ffff")


def test_half_an_audit_is_no_baseline(audited: Audited, data: Path) -> None:
    with pytest.raises(GateError, match="found that it is not complete"):
        load_baseline(audited(data, complete=False))


def test_an_edited_audit_is_no_baseline(audited: Audited, data: Path) -> None:
    """Else whoever may write the baseline excuses whatever they like with one line."""
    edited = audited(data, findings=[])
    load_baseline(edited)
    edited = audited(data, found={OWL: "high"}, findings=[])
    with pytest.raises(GateError, match="found that the findings are not"):
        load_baseline(edited)


def test_a_policy_is_no_baseline(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("version: 1\n", "utf-8")
    with pytest.raises(DatascanError, match="schema version"):
        load_baseline(tmp_path / "policy.yaml")
