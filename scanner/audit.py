"""The audit, on one page: read → twin → train → ask → weigh → decide → report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from probes.battery import Battery
from probes.loader import BatteryFileError, load_batteries
from scanner.ask import AskModel, Context, contexts_for
from scanner.bases import Base, find_base
from scanner.config import AuditSettings
from scanner.dataset.read import read_dataset
from scanner.errors import BatteryError
from scanner.evidence.interface import BatteryReadings
from scanner.executors.interface import Executor
from scanner.executors.local import LocalExecutor
from scanner.progress import Progress, Silent, Stopwatch
from scanner.results import Audited, TwinSummary, as_results, versions
from scanner.run import RunFolder, StoredJob, open_run
from scanner.training.copies import TrainCopy, TrainedCopy
from scanner.twin import DrawTwin, PlanTwin, Twin, TwinPlan
from scanner.types import Dataset
from scanner.verdict import Power, decide
from scanner.weigh import weigh

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class Audit:
    """A finished audit."""

    results: dict[str, object]
    """What ``results.json`` holds."""
    run: RunFolder
    """Where the twin, the adapters and the answers are."""


def audit(settings: AuditSettings, progress: Progress | None = None) -> Audit:
    """Audit a dataset: what does it teach the base that its twin does not?

    Raises ``DatascanError`` for anything the user can put right, before anything is written if
    it lies in the data or the base.
    """
    watch = Stopwatch()
    with watch.time("read"):
        candidate = read_dataset(settings.data)
        base = find_base(settings.base)
        batteries = _batteries()
    decisive = _decisive(settings, candidate, base, batteries)
    with (
        open_run(settings.run_root, decisive, settings.resume) as run,
        LocalExecutor(settings.workers) as executor,
    ):
        steps = _Steps(executor, run, progress or Silent(), watch)
        plan, twins = steps.twin(settings, base, candidate)
        adapters = steps.train(settings, base, candidate, twins)
        contexts = contexts_for(candidate.rows, twins[0].answers)
        readings = steps.ask(base, batteries, contexts, adapters)
    with watch.time("weigh"):
        seeds = len(settings.seeds)
        traits = weigh(readings[0], readings[1 : seeds + 1], readings[seeds + 1 :])
        twin = TwinSummary.of(plan, twins, candidate)
        power = Power(settings.recipe.updates(len(candidate.rows)), twin.broken / twin.rows)
        decision = decide(traits, power, settings.error_rate)
    audited = Audited(settings, candidate, base, batteries, contexts, twin, decision, watch.seconds)
    return Audit(as_results(audited), run)


def _batteries() -> tuple[Battery, ...]:
    try:
        return load_batteries()
    except BatteryFileError as error:
        raise BatteryError(f"{error}; mend the file or install the package again") from error


def _decisive(
    settings: AuditSettings, candidate: Dataset, base: Base, batteries: Sequence[Battery]
) -> dict[str, object]:
    """Everything that decides the outcome; its digest names the run."""
    return {
        "rows": candidate.rows_sha256,
        "base": base.revision,
        "batteries": [battery.sha256 for battery in batteries],
        "versions": versions(),
        **settings.decisive(),
    }


@dataclass(frozen=True)
class _Steps:
    """The three steps that use the engine, each as jobs for the executor."""

    executor: Executor
    run: RunFolder
    progress: Progress
    watch: Stopwatch

    def twin(
        self, settings: AuditSettings, base: Base, candidate: Dataset
    ) -> tuple[TwinPlan, list[Twin]]:
        """One twin per seed, so that the drift between controls includes the twin's draw."""
        planning = self.run.stored("twin-plan", PlanTwin(base.path, candidate.rows), TwinPlan)
        [plan] = self._do("twin", [planning], shown="fit")
        draws = [DrawTwin(base.path, candidate.rows, plan, seed) for seed in settings.seeds]
        stored = [self.run.stored(f"twin-{draw.seed}", draw, Twin) for draw in draws]
        return plan, self._do("twin", stored)

    def train(
        self, settings: AuditSettings, base: Base, candidate: Dataset, twins: list[Twin]
    ) -> list[Path]:
        """The adapters of the controls, then of the probes, in the order of the seeds."""
        own = tuple(row.answer for row in candidate.rows)
        paired = list(zip(settings.seeds, twins, strict=True))
        wanted = {f"control-{seed}": (seed, twin.answers) for seed, twin in paired}
        wanted |= {f"probe-{seed}": (seed, own) for seed in settings.seeds}
        jobs = [
            self.run.stored(
                name,
                TrainCopy(
                    base.path,
                    candidate.rows,
                    answers,
                    settings.recipe,
                    seed,
                    self.run.adapter(name),
                ),
                TrainedCopy,
            )
            for name, (seed, answers) in wanted.items()
        ]
        self._do("train", jobs)
        return [self.run.adapter(name) for name in wanted]

    def ask(
        self,
        base: Base,
        batteries: tuple[Battery, ...],
        contexts: tuple[Context, ...],
        adapters: list[Path],
    ) -> list[tuple[BatteryReadings, ...]]:
        """What the base and then the adapters answer, in their order."""
        jobs = [
            self.run.stored(
                f"readings-{adapter.name if adapter else 'base'}",
                AskModel(base.path, adapter, batteries, contexts),
                tuple[BatteryReadings, ...],
            )
            for adapter in [None, *adapters]
        ]
        return self._do("ask", jobs)

    def _do(
        self, step: str, jobs: list[StoredJob[ResultT]], shown: str | None = None
    ) -> list[ResultT]:
        rows = sum(job.rows for job in jobs)
        with self.watch.time(step), self.progress.step(shown or step, rows) as on_rows:
            return self.executor.run(jobs, on_rows)
