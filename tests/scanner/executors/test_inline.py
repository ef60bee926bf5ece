import os
from dataclasses import dataclass

import pytest

from scanner.errors import AuditError
from scanner.executors.inline import InlineExecutor
from scanner.progress import OnRows


@dataclass(frozen=True)
class Square:
    """Returns its number squared and the process it ran in; notes that it ran."""

    number: int
    ran: list[int]
    fails: bool = False

    @property
    def rows(self) -> int:
        return 2

    def run(self, on_rows: OnRows) -> tuple[int, int]:
        self.ran.append(self.number)
        on_rows(2)
        if self.fails:
            raise AuditError("row 3: found nothing")
        return self.number**2, os.getpid()


def test_results_come_in_order_from_this_very_process() -> None:
    heard: list[int] = []
    ran: list[int] = []
    with InlineExecutor() as executor:
        results = executor.run([Square(number, ran) for number in range(3)], heard.append)
    assert results == [(square, os.getpid()) for square in (0, 1, 4)]
    assert (ran, heard) == ([0, 1, 2], [2, 2, 2])


def test_the_first_error_is_raised_as_it_is_and_drops_the_rest() -> None:
    ran: list[int] = []
    jobs = [Square(number, ran, fails=number == 1) for number in range(3)]
    with InlineExecutor() as executor, pytest.raises(AuditError, match="row 3"):
        executor.run(jobs, lambda rows: None)
    assert ran == [0, 1]
