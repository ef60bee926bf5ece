"""Jobs, and what an executor does with them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol, Self, TypeVar

from scanner.progress import OnRows

ResultT_co = TypeVar("ResultT_co", covariant=True)
ResultT = TypeVar("ResultT")


class Job(Protocol[ResultT_co]):
    """A piece of work that pickles: a frozen dataclass of plain values with a ``run``."""

    @property
    def rows(self) -> int:
        """How many rows the work takes, for progress and time left."""

    def run(self, on_rows: OnRows) -> ResultT_co:
        """Do the work; call ``on_rows`` with the rows done since the last call: fewer than none
        where some have to be done again."""


class Executor(ABC):
    """Runs independent jobs."""

    @abstractmethod
    def run(self, jobs: Sequence[Job[ResultT]], on_rows: OnRows) -> list[ResultT]:
        """Run the jobs, in any order, and return their results in the order of ``jobs``.

        The first error of a job is raised here, and the jobs not yet begun are dropped.
        """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """End the workers."""
