"""Runs jobs one after the other in this very process: for work that is already inside a worker."""

from collections.abc import Sequence

from scanner.executors.interface import Executor, Job, ResultT
from scanner.progress import OnRows


class InlineExecutor(Executor):
    """See ``Executor``."""

    def run(self, jobs: Sequence[Job[ResultT]], on_rows: OnRows) -> list[ResultT]:
        """See ``Executor.run``."""
        return [job.run(on_rows) for job in jobs]

    def close(self) -> None:
        """See ``Executor.close``."""
