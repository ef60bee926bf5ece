"""Exit codes, and which outcome becomes which code: decided once, before anything is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.types import Severity, Status

if TYPE_CHECKING:
    from scanner.gate.findings import Excuses, JudgedFinding
    from scanner.gate.verification import Outcome


class Exit(IntEnum):
    """Exit codes. 1 means findings and nothing else."""

    NOTHING_FOUND = 0
    FOUND = 1
    COULD_NOT_FINISH = 2
    NO_VERDICT = 3
    INTERRUPTED = 130


@dataclass(frozen=True)
class Gated:
    """What becomes of an audit."""

    code: Exit
    findings: "tuple[JudgedFinding, ...]" = ()
    """Every finding and its ruling; none without a verdict."""


def gate(results: Mapping[str, Any], fail_on: Severity, excuses: "Excuses | None" = None) -> Gated:
    """The code of an audit, from its results alone, whatever else is written or shown.

    ``fail_on`` NONE reports only: findings exit 0, a missing verdict still exits 3. What
    ``excuses`` names, a suppression or a baseline, does not fail. Raises GateError where they do
    not belong to these results.
    """
    # Here, not above: --help must not wait for it.
    from scanner.gate.findings import NOTHING_EXCUSED, Occasion, any_fails, judge_findings
    from scanner.gate.policy import Policy
    from scanner.gate.result import result_of

    result = result_of(results)
    if result.verdict.status == Status.NO_VERDICT or not result.complete:
        return Gated(Exit.NO_VERDICT)
    policy = Policy(version=1, fail_on=fail_on)
    files = tuple(Path(file.path) for file in result.dataset.files)
    occasion = Occasion(files, datetime.now(UTC).date())
    judged = judge_findings(result, policy, excuses or NOTHING_EXCUSED, occasion)
    fails = any_fails(judged, policy, result.verdict.status)
    return Gated(Exit.FOUND if fails else Exit.NOTHING_FOUND, judged)


def code_of(outcome: "Outcome") -> Exit:
    """The code of a verification."""
    from scanner.gate.verification import Outcome

    codes = {Outcome.PASSES: Exit.NOTHING_FOUND, Outcome.FAILS: Exit.FOUND}
    return codes.get(outcome, Exit.NO_VERDICT)
