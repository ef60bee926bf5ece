import os
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.errors import AuditError
from scanner.executors.local import LocalExecutor
from scanner.progress import OnRows


@dataclass(frozen=True)
class Square:
    """Returns its number squared and the process it ran in."""

    number: int

    @property
    def rows(self) -> int:
        return 2

    def run(self, on_rows: OnRows) -> tuple[int, int]:
        on_rows(1)
        on_rows(1)
        return self.number**2, os.getpid()


@dataclass(frozen=True)
class Failing:
    """Fails with an error for the user."""

    rows: int = 1

    def run(self, on_rows: OnRows) -> int:
        raise AuditError("row 3: found nothing")


@dataclass(frozen=True)
class Talking:
    """Prints in every way that a library can."""

    rows: int = 1

    def run(self, on_rows: OnRows) -> int:
        print("said \x1b]0;owned\x07")
        sys.stdout.flush()
        warnings.warn("warned", stacklevel=1)
        os.write(2, b"native")
        return 0


def test_what_workers_print_goes_to_the_log_and_never_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.txt"
    log.write_text("before\n")
    with LocalExecutor(workers=1, log=log) as executor:
        executor.run([Talking()], lambda rows: None)
    assert capfd.readouterr() == ("", "")
    logged = log.read_text()
    assert logged.startswith("before\n")
    assert all(text in logged for text in ("said \x1b]0;owned", "warned", "native"))


def test_results_come_in_order_from_other_processes() -> None:
    heard: list[int] = []
    with LocalExecutor(workers=2) as executor:
        results = executor.run([Square(number) for number in range(5)], heard.append)
    assert [square for square, _ in results] == [0, 1, 4, 9, 16]
    assert os.getpid() not in {process for _, process in results}


def test_an_error_of_a_job_reaches_the_caller_as_it_is() -> None:
    with LocalExecutor(workers=1) as executor, pytest.raises(AuditError, match="row 3"):
        executor.run([Failing()], lambda rows: None)
