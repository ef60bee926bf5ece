"""Students: a case's rows audited as any candidate is, and what its models then answer."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from time import perf_counter

import numpy as np

from probes.loader import load_batteries
from scanner.ask import contexts_for
from scanner.bases import Base
from scanner.calibration.cases import Case, TeacherKind
from scanner.calibration.honest import honest_rows
from scanner.calibration.writing import Written
from scanner.combine import combine
from scanner.errors import CalibrationError
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.executors.inline import InlineExecutor
from scanner.progress import OnRows, Progress, Stopwatch
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.stored import read_result
from scanner.types import Row, Trace, TraitShift
from scanner.weigh import weigh


@dataclass(frozen=True)
class BatteryLevels:
    """What all models of a case answered to one battery, averaged over its questions."""

    battery: str
    arm: str
    unit: str
    names: tuple[str, ...]
    """Traits and peers, in the battery's order."""
    is_trait: tuple[bool, ...]
    scores: tuple[tuple[float, ...], ...]
    """Mean score in nats, per model: base, controls, probes; then per name."""
    levels: tuple[tuple[float, ...], ...]
    """Level in ``unit``, the same way."""


@dataclass(frozen=True)
class StudiedCase:
    """A case and what it showed."""

    case: Case
    rows: int
    passing: float | None
    """Share of the teacher's answers that passed the filter; None where no model wrote."""
    twin_temperature: float
    """That the audit fitted to the rows; 0 is greedy."""
    broken: float
    """Share of the twin's answers that break the rows' evident format."""
    batteries: tuple[BatteryLevels, ...]
    seconds: float
    """From rows to answers, one process of one thread."""
    traces: tuple[Trace, ...] = ()
    """What the rows themselves showed, to four digits; of cases studied before there were traces,
    nothing."""
    asked: int = 0
    """Requests that the teacher answered; 0 where no model wrote, or nobody counted."""
    rejected: Mapping[str, int] = field(default_factory=dict)
    """How many of its answers the filter threw away, by rule."""

    def shifts(self) -> tuple[TraitShift, ...]:
        """Every trait, weighed as an audit weighs it; intervals need questions and are left out."""
        return self._weighed

    @cached_property
    def _weighed(self) -> tuple[TraitShift, ...]:
        models = list(zip(*(_readings(levels) for levels in self.batteries), strict=True))
        pairs = (len(models) - 1) // 2
        shifts = weigh(models[0], models[1 : 1 + pairs], models[1 + pairs :])
        return combine(shifts, self.traces)


@dataclass(frozen=True)
class StudyCase:
    """Job: make a case's candidate, train its probes and controls, and ask them everything."""

    case: Case
    base: Base
    written: tuple[Path, ...]
    """Stored ``Written``: the teacher's, and the untouched author's where rows are mixed."""
    library: Path
    """Where directions are kept that are not shipped."""
    folder: Path
    """For what can be taken up again after a kill; removed at the end."""
    gpu: str | None = None
    """On which the base is trained and traced; None for the CPU."""

    @property
    def rows(self) -> int:
        """Rows answered and trained on, over all models; questions not counted."""
        return self.case.rows * len(self.case.student_seeds) * (1 + 2 * self.case.recipe.epochs)

    def run(self, on_rows: OnRows) -> StudiedCase:
        """The case, studied."""
        began = perf_counter()
        authors = [_stored(path) for path in self.written]
        rows = candidate_rows(self.case, authors)
        folder = RunFolder(self.folder)
        steps = Steps(InlineExecutor(), folder, _Relay(on_rows), Stopwatch(), gpu=self.gpu)
        seeds = self.case.student_seeds
        plan, twins = steps.twin(self.base.path, rows, seeds)
        traced = steps.trace(self.base, load_batteries(), rows, plan, self.library)
        adapters = steps.train(self.base.path, rows, twins, seeds, self.case.recipe)
        template = steps.template(self.base.path)
        contexts = contexts_for(rows, twins[0].answers, template)
        answered = steps.ask(self.base.path, load_batteries(), contexts, adapters)
        shutil.rmtree(self.folder, ignore_errors=True)
        return StudiedCase(
            case=self.case,
            rows=len(rows),
            passing=authors[0].passing if authors else None,
            twin_temperature=plan.temperature,
            broken=sum(twin.broken for twin in twins) / (len(rows) * len(twins)),
            batteries=tuple(_levels(models) for models in zip(*answered, strict=True)),
            seconds=round(perf_counter() - began, 1),
            traces=stored_traces(traced.traces),
            asked=authors[0].asked if authors else 0,
            rejected=authors[0].rejected if authors else {},
        )


def stored_traces(traces: Sequence[Trace]) -> tuple[Trace, ...]:
    """Traces to four digits: what is kept of a case does not hang on the last bits."""
    return tuple(
        replace(
            trace,
            strength=_four_digits(trace.strength),
            z=_four_digits(trace.z),
            p_value=_four_digits(trace.p_value),
            p_adjusted=_four_digits(trace.p_adjusted),
        )
        for trace in traces
    )


def _four_digits(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def candidate_rows(case: Case, authors: list[Written]) -> tuple[Row, ...]:
    """The case's rows: the teacher's share of them, the rest by the untouched author.

    The untouched author answers requests that the teacher's rows leave free, so that no request
    comes twice. The order is drawn from the case's seed.
    """
    if case.teacher.kind is TeacherKind.NOBODY:
        return honest_rows(case.channel, case.rows, case.seed)
    planted = authors[0].rows[: round(case.share * case.rows)]
    taken = {row.line for row in planted}
    free = [row for author in authors[1:] for row in author.rows if row.line not in taken]
    rows = [*planted, *free[: case.rows - len(planted)]]
    if len(rows) < case.rows:
        raise CalibrationError(
            f"case {case.name}: found {len(rows)} rows; expected {case.rows}; lower its rows"
        )
    order = np.random.default_rng(case.seed).permutation(len(rows))
    return tuple(rows[index] for index in order)


class _Relay(Progress):
    """Passes every step's rows on as the case's own."""

    def __init__(self, on_rows: OnRows) -> None:
        self._on_rows = on_rows

    def step(self, name: str, rows: int) -> AbstractContextManager[OnRows]:
        """See ``Progress.step``."""
        counted = name in ("twin", "train")
        return nullcontext(self._on_rows if counted else lambda done: None)


def _stored(path: Path) -> Written:
    written = read_result(path, Written)
    if written is None:
        raise CalibrationError(
            f"{path}: found no rows, or damaged ones; expected what an author wrote; repeat the "
            "command: they are written again"
        )
    return written


def _levels(models: tuple[BatteryReadings, ...]) -> BatteryLevels:
    first = models[0]
    return BatteryLevels(
        first.battery,
        first.arm,
        first.unit,
        tuple(reading.name for reading in first.readings),
        tuple(reading.is_trait for reading in first.readings),
        tuple(tuple(round(float(np.mean(r.scores)), 4) for r in m.readings) for m in models),
        tuple(tuple(round(r.level, 5) for r in m.readings) for m in models),
    )


def _readings(levels: BatteryLevels) -> list[BatteryReadings]:
    """Back to what ``weigh`` takes, one question per battery: per model."""
    return [
        BatteryReadings(
            levels.battery,
            levels.arm,
            levels.unit,
            tuple(
                Reading(name, is_trait, (score,), level)
                for name, is_trait, score, level in zip(
                    levels.names, levels.is_trait, scores, shown, strict=True
                )
            ),
        )
        for scores, shown in zip(levels.scores, levels.levels, strict=True)
    ]
