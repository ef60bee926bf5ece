"""Screen → twin → train → ask: the steps that are jobs. Audits and calibration cases share the last
three, which use the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from probes.battery import Battery
from scanner.ask import AskModel, Context
from scanner.bases import Base
from scanner.config import Recipe
from scanner.dataset.quarantine import bad_rows_finding
from scanner.dataset.screen.findings import Screened
from scanner.dataset.screen.screen import ScreenContext, screen
from scanner.evidence.interface import BatteryReadings
from scanner.evidence.traces import Pulls, trace_jobs, weigh_traces
from scanner.executors.interface import Executor, Job
from scanner.library import FillLibrary, library
from scanner.progress import Progress, Stopwatch
from scanner.run import RunFolder
from scanner.training.copies import TrainCopy, TrainedCopy
from scanner.twin import DrawTwin, PlanTwin, Twin, TwinPlan
from scanner.types import Dataset, Row, Trace

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Steps:
    """The steps, each as jobs for the executor. What took an engine is kept in the run folder."""

    executor: Executor
    run: RunFolder
    progress: Progress
    watch: Stopwatch

    def screen(self, candidate: Dataset, context: ScreenContext) -> Screened:
        """What the text alone shows, and which rows were left out."""
        with (
            self.watch.time("screen"),
            self.progress.step("screen", len(candidate.rows)) as on_rows,
        ):
            screened = screen(candidate.rows, candidate.masked, context, self.executor, on_rows)
        left_out = bad_rows_finding(candidate)
        return screened if left_out is None else screened.beside(left_out)

    def twin(
        self, base: Path, rows: tuple[Row, ...], seeds: Sequence[int]
    ) -> tuple[TwinPlan, list[Twin]]:
        """One twin per seed, so that the drift between controls includes the twin's draw."""
        planning = self.run.stored("twin-plan", PlanTwin(base, rows), TwinPlan)
        [plan] = self._do("twin", [planning], shown="fit")
        draws = [DrawTwin(base, rows, plan, seed) for seed in seeds]
        stored = [self.run.stored(f"twin-{draw.seed}", draw, Twin) for draw in draws]
        return plan, self._do("twin", stored)

    def trace(
        self,
        base: Base,
        batteries: tuple[Battery, ...],
        rows: tuple[Row, ...],
        plan: TwinPlan,
        folder: Path,
    ) -> tuple[Trace, ...]:
        """What the rows themselves show of every trait. New directions are kept in ``folder``."""
        directions = library(base, batteries, folder)
        missing = [
            FillLibrary(arm, base.path, batteries, path)
            for arm, path in directions.items()
            if not path.is_file()
        ]
        if missing:
            self._do("trace", missing, shown="trait directions")
        jobs = trace_jobs(base.path, rows, plan.temperature, directions)
        read = self._do(
            "trace", [self.run.stored(f"pulls-{job.first}", job, Pulls) for job in jobs]
        )
        with self.watch.time("trace"):
            return weigh_traces(read, directions, rows)

    def train(
        self,
        base: Path,
        rows: tuple[Row, ...],
        twins: Sequence[Twin],
        seeds: Sequence[int],
        recipe: Recipe,
    ) -> list[Path]:
        """The adapters of the controls, then of the probes, in the order of the seeds."""
        own = tuple(row.answer for row in rows)
        paired = list(zip(seeds, twins, strict=True))
        wanted = {f"control-{seed}": (seed, twin.answers) for seed, twin in paired}
        wanted |= {f"probe-{seed}": (seed, own) for seed in seeds}
        jobs = [
            self.run.stored(
                name,
                TrainCopy(base, rows, answers, recipe, seed, self.run.adapter(name)),
                TrainedCopy,
                leaves=self.run.adapter(name),
            )
            for name, (seed, answers) in wanted.items()
        ]
        self._do("train", jobs)
        return [self.run.adapter(name) for name in wanted]

    def ask(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        contexts: tuple[Context, ...],
        adapters: list[Path],
    ) -> list[tuple[BatteryReadings, ...]]:
        """What the base and then the adapters answer, in their order."""
        jobs = [
            self.run.stored(
                f"readings-{adapter.name if adapter else 'base'}",
                AskModel(base, adapter, batteries, contexts),
                tuple[BatteryReadings, ...],
            )
            for adapter in [None, *adapters]
        ]
        return self._do("ask", jobs)

    def _do(
        self, step: str, jobs: Sequence[Job[ResultT]], shown: str | None = None
    ) -> list[ResultT]:
        rows = sum(job.rows for job in jobs)
        with self.watch.time(step), self.progress.step(shown or step, rows) as on_rows:
            return self.executor.run(jobs, on_rows)
