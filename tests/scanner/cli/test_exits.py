import pytest

from scanner.cli.exits import Exit, gate
from scanner.types import Severity


def results(status: str, severity: str, complete: bool = True) -> dict[str, object]:
    return {"complete": complete, "verdict": {"status": status, "severity": severity}}


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
def test_the_gate(status: str, severity: str, fail_on: str, code: Exit) -> None:
    assert gate(results(status, severity), Severity(fail_on)) is code


def test_an_incomplete_audit_never_passes() -> None:
    unfinished = results("no_shift_found", "none", complete=False)
    assert gate(unfinished, Severity.LOW) is Exit.NO_VERDICT


def test_codes_are_those_of_the_readme() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 130]
