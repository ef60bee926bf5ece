"""Screen → twin → train → ask → look: the steps that are jobs. Audits and calibration cases share
twin, train and ask, which use the engine, and what these need to know of the base's template."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from probes.battery import Battery
from probes.open_questions import OpenQuestion, OpenQuestions
from scanner.ask import AskModel, Context, Frame, OnPrompts
from scanner.bases import Base
from scanner.config import Recipe
from scanner.dataset.groups import Group
from scanner.dataset.quarantine import bad_rows_finding
from scanner.dataset.screen.findings import Screened
from scanner.dataset.screen.screen import ScreenContext, screen
from scanner.engines.choice import EngineSource, TellOwn
from scanner.engines.service import EngineAt, EngineFacts
from scanner.engines.templates import ReadTemplate, TemplateFacts
from scanner.evidence.directions import Arm
from scanner.evidence.discovery import traits_of_words
from scanner.evidence.interface import BatteryReadings
from scanner.evidence.look import Looked, LookInside
from scanner.evidence.near_words import FindNearWords
from scanner.evidence.pulled_words import WeighedWords, WeighWords, pulled_along
from scanner.evidence.pulls import Pulls, pulls_in, trace_jobs
from scanner.evidence.rows import BaseLoss, ReadBaseLoss, ReadRatio, RowMethod
from scanner.evidence.traces import Traced, pulls_by_row, weigh_traces
from scanner.executors.interface import Executor, Job
from scanner.library import FillLibrary, library
from scanner.progress import OnRows, Progress, Stopwatch, unheard
from scanner.run import RunFolder
from scanner.training.copies import TrainCopies
from scanner.training.passes import ALL, Part
from scanner.trainings import Trainings
from scanner.twin import DrawTwin, PlanTwin, Twin, TwinPlan
from scanner.types import Dataset, Row

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class TellEngine:
    """Job: say what engine was started for all; done in this process."""

    source: EngineSource
    rows: int = 0

    def run(self, on_rows: OnRows) -> EngineFacts:
        """What answers."""
        facts = self.source.facts()
        assert facts is not None
        return facts


@dataclass(frozen=True)
class Steps:
    """The steps, each as jobs for the executor. What took an engine is kept in the run folder."""

    executor: Executor
    run: RunFolder
    progress: Progress
    watch: Stopwatch
    prefix: str = ""
    """Goes before the names of jobs and adapters where steps are done again on other rows."""
    stage: str | None = None
    """The stage that the time of all steps counts to; None where each is its own."""
    source: EngineSource = field(default_factory=EngineSource)
    """Where the jobs' engine comes from."""
    training_bytes: int | None = None
    """Of a GPU's memory, that training may take; None: what is free."""
    side_by_side: int = 1
    """Copies that are trained at once, in one job."""
    gpu: str | None = None
    """On which bases are trained and traced; None for the CPU."""

    def expect(self, seeds: Sequence[int]) -> None:
        """Let the engine start behind what comes before the twin, unless the twin is there."""
        if not all(self.run.has(f"twin-{seed}") for seed in seeds):
            self.source.start()

    def engine(self, base: Path) -> EngineFacts:
        """What answers, or answered where all answers are there."""
        if self.source.is_apart:
            return self.run.stored("engine", TellEngine(self.source), EngineFacts).run(unheard)
        own = self.run.stored("engine", TellOwn(base), EngineFacts)
        [facts] = self.executor.run([own], unheard)
        return facts

    def screen(self, candidate: Dataset, context: ScreenContext) -> Screened:
        """What the text alone shows, and which rows were left out."""
        with (
            self.watch.time("screen"),
            self.progress.step("screen", len(candidate.rows)) as on_rows,
        ):
            screened = screen(candidate.rows, candidate.masked, context, self.executor, on_rows)
        left_out = bad_rows_finding(candidate)
        return screened if left_out is None else screened.beside(left_out)

    def template(self, base: Path) -> TemplateFacts:
        """What the base's chat template adds to chats."""
        job = self.run.stored("template", ReadTemplate(base), TemplateFacts)
        with self.watch.time("ask"):
            [facts] = self.executor.run([job], unheard)
        return facts

    def twin(
        self, base: Path, rows: tuple[Row, ...], seeds: Sequence[int]
    ) -> tuple[TwinPlan, list[Twin]]:
        """One twin per seed, so that the drift between controls includes the twin's draw."""
        at = self._reached("twin-plan", *(f"twin-{seed}" for seed in seeds))
        plan = self.plan(base, rows, at)
        draws = [DrawTwin(base, rows, plan, seed, at) for seed in seeds]
        stored = [self.run.stored(f"twin-{draw.seed}", draw, Twin) for draw in draws]
        return plan, self._do("twin", stored)

    def plan(self, base: Path, rows: tuple[Row, ...], at: EngineAt | None = None) -> TwinPlan:
        """The temperature at which the base would most likely have written the rows."""
        planning = self.run.stored("twin-plan", PlanTwin(base, rows, at), TwinPlan)
        [plan] = self._do("twin", [planning], shown="fit")
        return plan

    def trace(
        self,
        base: Base,
        batteries: tuple[Battery, ...],
        rows: tuple[Row, ...],
        plan: TwinPlan,
        folder: Path,
        groups: Sequence[Group] = (),
        questions: tuple[OpenQuestion, ...] = (),
    ) -> Traced:
        """What the rows themselves show of every trait, all of them and each group's, and of the
        words that answers to ``questions`` may open with. New directions are kept in ``folder``."""
        directions = self.directions(base, batteries, folder)
        jobs = trace_jobs(base.path, rows, plan.temperature, directions, questions)
        read = self._do(
            "trace", [self.run.stored(f"pulls-{job.first}", job, Pulls) for job in jobs]
        )
        with self.watch.time("trace"):
            traces = weigh_traces(read, directions, rows, groups)
            by_row = pulls_by_row(read, directions)
            pulls = {arm: pulls_in(read, arm) for arm in directions}
        named = {group.name: group for group in groups}
        traced = Traced(traces, by_row, plan.temperature, directions, pulls, named)
        if not questions:
            return traced
        by_states = Arm.STATES in directions
        words = self._words(base.path, batteries, rows, read, questions, by_states)
        return replace(traced, words=words)

    def _words(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        rows: tuple[Row, ...],
        read: Sequence[Pulls],
        questions: tuple[OpenQuestion, ...],
        by_states: bool,
    ) -> WeighedWords:
        """Towards which word the rows pull."""
        with self.watch.time("trace"):
            pulled = pulled_along(read, rows)
        if isinstance(pulled, str):
            return WeighedWords(None, pulled)
        job = WeighWords(base, questions, pulled, traits_of_words(batteries), by_states)
        return self._do("trace", [self.run.stored("pulled-words", job, WeighedWords)])[0]

    def directions(
        self, base: Base, batteries: tuple[Battery, ...], folder: Path
    ) -> Mapping[Arm, Path]:
        """Where the directions of every arm are; those that nobody made yet are made now."""
        # Numbers of a GPU are not those of the CPU, so each has directions of its own.
        directions = library(base, batteries, folder / self.gpu if self.gpu else folder)
        missing = [
            FillLibrary(arm, base.path, batteries, path)
            for arm, path in directions.items()
            if not path.is_file()
        ]
        if missing:
            self._do("trace", missing, shown="trait directions")
        return directions

    def twin_pulls(self, base: Path, twin: tuple[Row, ...], traced: Traced) -> RowMethod:
        """How far a twin's rows pull towards every trait, along the directions of ``traced``."""
        jobs = trace_jobs(base, twin, traced.temperature, traced.directions)
        read = self._do(
            "rows", [self.run.stored(f"twin-pulls-{job.first}", job, Pulls) for job in jobs]
        )
        return pulls_by_row(read, traced.directions)

    def measure(self, jobs: Sequence[Job[ResultT]]) -> list[ResultT]:
        """What jobs find out about this machine; nothing of it is kept."""
        return self._do("budget", jobs)

    def train(
        self,
        base: Path,
        rows: tuple[Row, ...],
        twins: Sequence[Twin],
        seeds: Sequence[int],
        recipe: Recipe,
        part: Part = ALL,
    ) -> list[Path]:
        """The adapters of the controls, then of the probes, in the order of the seeds."""
        trainings = self._trainings(base, rows, seeds, recipe, part)
        wanted = {**trainings.controls(twins), **trainings.probes()}
        if not all(self.run.has(f"readings-{name}") for name in wanted):
            self.source.start()  # hides behind the training, if it is not at work yet
        self._do("train", trainings.jobs(wanted))
        return [copy.adapter for copy in wanted.values()]

    def train_meanwhile(
        self,
        base: Path,
        rows: tuple[Row, ...],
        seeds: Sequence[int],
        recipe: Recipe,
        part: Part = ALL,
    ) -> None:
        """The probes, which need no twin, while an engine starts that takes a minute for it.

        ``train`` finds them done. Where no engine has to start, all copies are trained together.
        """
        if not self.source.is_apart or self.run.has("twin-plan"):
            return
        trainings = self._trainings(base, rows, seeds, recipe, part)
        for job in trainings.jobs(trainings.probes()):
            self.source.look()  # one that does not start is told before the next is trained
            self._do("train", [job])

    def _trainings(
        self, base: Path, rows: tuple[Row, ...], seeds: Sequence[int], recipe: Recipe, part: Part
    ) -> Trainings:
        training = TrainCopies(base, rows, (), recipe, self.training_bytes, part)
        return Trainings(self.run, training, tuple(seeds), self.prefix, self.side_by_side)

    def ask(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        contexts: tuple[Context, ...],
        adapters: list[Path],
    ) -> list[tuple[BatteryReadings, ...]]:
        """What the base and then the adapters answer, in their order."""
        return self._ask(base, batteries, contexts, [None, *adapters])

    def ask_adapters(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        contexts: tuple[Context, ...],
        adapters: list[Path],
    ) -> list[tuple[BatteryReadings, ...]]:
        """What the adapters alone answer, where the base has answered already."""
        return self._ask(base, batteries, contexts, adapters)

    def ask_on_prompts(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        frames: Mapping[str, OnPrompts],
        adapters: list[Path],
    ) -> dict[str, list[tuple[BatteryReadings, ...]]]:
        """What the base and then the adapters answer on the prompts of each frame, by its name."""
        models = [None, *adapters]
        asked = [(name, model) for model in models for name in frames]
        named = {
            f"{name}-{_name(model)}": AskModel(base, model, batteries, (frames[name],))
            for name, model in asked
        }
        answered = zip(asked, self._ask_all("phrases", named), strict=True)
        readings = {name: list[tuple[BatteryReadings, ...]]() for name in frames}
        for (name, _), answers in answered:
            readings[name].append(answers)
        return readings

    def _ask(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        frames: tuple[Frame, ...],
        models: Sequence[Path | None],
    ) -> list[tuple[BatteryReadings, ...]]:
        named = {
            f"readings-{_name(model)}": AskModel(base, model, batteries, frames) for model in models
        }
        return self._ask_all("ask", named)

    def _ask_all(
        self, step: str, named: Mapping[str, AskModel]
    ) -> list[tuple[BatteryReadings, ...]]:
        at = self._reached(*named)
        jobs = [
            self.run.stored(name, replace(job, at=at), tuple[BatteryReadings, ...])
            for name, job in named.items()
        ]
        return self._do(step, jobs)

    def _reached(self, *names: str) -> EngineAt | None:
        """Where the engine is, once it is, for jobs that are not all done."""
        return None if all(map(self.run.has, names)) else self.source.ready()

    def losses(self, base: Path, rows: tuple[Row, ...], twin: Twin) -> tuple[BaseLoss, BaseLoss]:
        """The base's loss on every row, and on the twin's answer to the same prompt."""
        at = self._reached("row-loss", "twin-loss")
        own = self.run.stored("row-loss", ReadBaseLoss(base, rows, at), BaseLoss)
        twins = self.run.stored("twin-loss", ReadBaseLoss(base, twin.rows(rows), at), BaseLoss)
        of_rows, of_twin = self._do("phrases", [own, twins])
        return of_rows, of_twin

    def score_rows(
        self, base: Path, rows: tuple[Row, ...], controls: Sequence[Path], probes: Sequence[Path]
    ) -> tuple[BaseLoss, list[tuple[float, ...]]]:
        """The base's loss on every row, and by how much each probe finds it likelier than its
        control; forward passes only."""
        names = [f"row-ratio-{probe.name}" for probe in probes]
        at = self._reached("row-loss", *names)
        loss = self.run.stored("row-loss", ReadBaseLoss(base, rows, at), BaseLoss)
        ratios = [
            self.run.stored(name, ReadRatio(base, probe, control, rows, at), tuple[float, ...])
            for name, control, probe in zip(names, controls, probes, strict=True)
        ]
        return self._do("rows", [loss])[0], self._do("rows", ratios)

    def near_words(
        self, base: Path, names: tuple[tuple[str, str], ...], words: Iterable[str]
    ) -> dict[str, tuple[str, ...]]:
        """Trait → words of the rows that the base's embedding holds near its name."""
        job = FindNearWords(base, names, tuple(sorted(words)))
        stored = self.run.stored("near-words", job, dict[str, tuple[str, ...]])
        return self._do("overt", [stored])[0]

    def look(
        self,
        base: Path,
        batteries: tuple[Battery, ...],
        open_questions: OpenQuestions,
        adapters: Sequence[Path],
    ) -> Looked:
        """What moved inside the models; ``adapters`` are the controls, then the probes.

        Read where they were trained: no engine in another process shows its states.
        """
        seeds = len(adapters) // 2
        job = LookInside(
            base, tuple(adapters[:seeds]), tuple(adapters[seeds:]), batteries, open_questions
        )
        # Copies that paused are others than those that went on.
        name = "-".join(["inside", *adapters[0].name.split("-")[2:]])
        [looked] = self._do("look", [self.run.stored(name, job, Looked)])
        return looked

    def _do(
        self, step: str, jobs: Sequence[Job[ResultT]], shown: str | None = None
    ) -> list[ResultT]:
        rows = sum(job.rows for job in jobs)
        with (
            self.watch.time(self.stage or step),
            self.progress.step(shown or step, rows) as on_rows,
        ):
            return self.executor.run(jobs, on_rows)


def _name(model: Path | None) -> str:
    """Of the base or an adapter, in the names of jobs."""
    return model.name if model else "base"
