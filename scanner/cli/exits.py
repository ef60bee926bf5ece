"""Exit codes, and the gate: which outcome becomes which code."""

from enum import IntEnum
from typing import Any

from scanner.types import Severity, Status


class Exit(IntEnum):
    """Exit codes. 1 means findings and nothing else."""

    NOTHING_FOUND = 0
    FOUND = 1
    COULD_NOT_FINISH = 2
    NO_VERDICT = 3
    INTERRUPTED = 130


def gate(results: dict[str, Any], fail_on: Severity) -> Exit:
    """The code of a finished audit, from its results alone, whatever else is written or shown.

    ``fail_on`` NONE reports only: findings exit 0, a missing verdict still exits 3.
    """
    verdict = results["verdict"]
    if verdict["status"] == Status.NO_VERDICT or not results["complete"]:
        return Exit.NO_VERDICT
    worst = Severity(verdict["severity"])
    if fail_on is Severity.NONE or worst is Severity.NONE:
        return Exit.NOTHING_FOUND
    return Exit.FOUND if worst.rank >= fail_on.rank else Exit.NOTHING_FOUND
