"""Job: how fast this machine does what an audit does, on a few of the candidate's rows."""

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from probes.open_questions import OpenQuestion
from scanner.answer_formats import is_filtered
from scanner.budget.cost import Pace
from scanner.config import Recipe
from scanner.engines.choice import engine_for
from scanner.engines.interface import Engine
from scanner.engines.service import EngineAt
from scanner.evidence.directions import Arm
from scanner.evidence.pulls import ReadPulls
from scanner.progress import OnRows, unheard
from scanner.training.copies import Copy, TrainCopies
from scanner.twin import SPARE_TOKENS, TEMPERATURES, DrawTwin, TwinPlan
from scanner.types import Row

FEW, MANY = 16, 256
"""Rows that a rate is first measured on, and at most."""


@dataclass(frozen=True)
class MeasurePace:
    """Job: do a little of everything and take the time. Leaves nothing behind."""

    base: Path
    candidate: tuple[Row, ...]
    """Some of its rows, at most ``MANY``."""
    recipe: Recipe
    directions: Mapping[Arm, Path]
    questions: tuple[OpenQuestion, ...]
    """That rows are read along the words of, too."""
    seconds: float
    """That one rate may take, where ``FEW`` rows do not take longer."""
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""
    side_by_side: int = 1
    """Copies that are trained at once."""

    @property
    def rows(self) -> int:
        """Rows that are tried."""
        return len(self.candidate)

    def run(self, on_rows: OnRows) -> Pace:
        """The rates."""
        from scanner.training.placement import training_engine  # here: it loads torch

        engine = engine_for(self.base, self.at)
        training_engine(self.base)  # loads the base, which an audit does once
        engine.use_adapter(None)
        pace = Pace(
            fit=self._rate(lambda rows: self._fit(engine, rows)),
            draw=self._rate(lambda rows: self._draw(engine, rows)),
            trace=self._rate(self._trace),
            train=self._rate(self._train),
            score=self._rate(lambda rows: self._score(engine, rows)) / self._row_tokens(engine),
        )
        on_rows(len(self.candidate))
        return pace

    def _rate(self, do: Callable[[tuple[Row, ...]], object]) -> float:
        """Seconds per row. A first few rows warm up; then there are twice as many each time, for as
        long as there is time for it: on a GPU many answers are drawn as fast as few."""
        rows = self.candidate[:FEW]
        _timed(lambda: do(rows))
        spent = _timed(lambda: do(rows))
        while len(rows) < len(self.candidate) and 2 * spent <= self.seconds:
            rows = self.candidate[: 2 * len(rows)]
            spent = _timed(lambda rows=rows: do(rows))  # type: ignore[misc]
        return spent / len(rows)

    def _fit(self, engine: Engine, rows: tuple[Row, ...]) -> None:
        answers = [row.answer for row in rows]
        support = answers if is_filtered(answers) else None
        engine.tempered_logprobs([row.opening for row in rows], answers, TEMPERATURES, support)

    def _draw(self, engine: Engine, rows: tuple[Row, ...]) -> None:
        longest = engine.longest([row.answer for row in self.candidate])
        DrawTwin(self.base, rows, TwinPlan(1.0, longest + SPARE_TOKENS), 0, self.at).run(unheard)

    def _trace(self, rows: tuple[Row, ...]) -> None:
        ReadPulls(self.base, rows, 0, 1.0, self.directions, self.questions).run(unheard)

    def _train(self, rows: tuple[Row, ...]) -> None:
        answers, once = tuple(row.answer for row in rows), replace(self.recipe, epochs=1)
        with tempfile.TemporaryDirectory() as folder:
            copies = (Copy(answers, n, Path(folder) / f"{n}") for n in range(self.side_by_side))
            TrainCopies(self.base, rows, tuple(copies), once).run(unheard)

    def _score(self, engine: Engine, rows: tuple[Row, ...]) -> None:
        engine.answer_logprobs([row.opening for row in rows], [row.answer for row in rows])

    def _row_tokens(self, engine: Engine) -> float:
        rows = self.candidate
        lengths = engine.row_lengths([row.opening for row in rows], [row.answer for row in rows])
        return sum(lengths) / len(lengths)


def _timed(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
