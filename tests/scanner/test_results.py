"""What results hold of many findings."""

from typing import Any

import pytest

from scanner.results import MOST_EVIDENCED, lightened
from scanner.types import Severity

EVIDENCE = {"questions": [{"question": "?"}], "leads": {"rows": []}}


def finding(trait: str, severity: Severity, shift: float) -> dict[str, Any]:
    return {"trait": trait, "severity": severity, "shift": shift, "exposure": {}, **EVIDENCE}


@pytest.mark.parametrize("count", [0, 1, MOST_EVIDENCED])
def test_as_many_as_reports_show_keep_everything(count: int) -> None:
    findings = [finding(str(n), Severity.LOW, 1.0) for n in range(count)]
    assert lightened(findings) == findings


def test_of_many_the_worst_keep_their_evidence_and_none_is_dropped() -> None:
    mild = [finding(f"mild{n:03}", Severity.LOW, 9.0) for n in range(50)]
    severe = [finding(f"severe{n:03}", Severity.HIGH, -0.5 - n) for n in range(99)]
    kept = lightened([*mild, *severe])
    assert [one["trait"] for one in kept] == [one["trait"] for one in (*mild, *severe)]
    assert all("exposure" in one for one in kept)
    evidenced = {one["trait"] for one in kept if "questions" in one and "leads" in one}
    assert evidenced == {one["trait"] for one in severe} | {"mild000"}
    assert sum("leads" in one for one in kept) == MOST_EVIDENCED
