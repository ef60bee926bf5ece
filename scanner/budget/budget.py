"""The budget, on one page: measure → reckon → draw the rows.

The number of rows is measured once and kept in the run folder, so that the same command goes on
with the same rows.
"""

from dataclasses import dataclass

from probes.battery import Battery
from probes.open_questions import OpenQuestions
from scanner.answer_formats import evident_format
from scanner.bases import TOKENIZER, Base
from scanner.budget.cost import Pace, Work, seconds
from scanner.budget.pace import MANY, MeasurePace
from scanner.budget.sample import Sample, draw_sample, sample_seed, sampled_places
from scanner.config import AuditSettings
from scanner.errors import AuditError
from scanner.plan.budget import least_rows, most_rows, smallest_minutes, usable
from scanner.plan.workload import CONTEXTS, workload
from scanner.progress import OnRows, unheard
from scanner.steps import Steps
from scanner.types import Dataset

RATE_SHARE = 0.02
"""Of the budget, that the measurement of one rate may take; there are five."""
MORE_CONTEXTS = 4
"""In which a base with a default system prompt is asked, at most."""


@dataclass(frozen=True)
class ChooseSample:
    """Job: how many rows fit, and which; done in this process, with jobs of its own."""

    steps: Steps
    settings: AuditSettings
    minutes: float
    base: Base
    batteries: tuple[Battery, ...]
    open_questions: OpenQuestions
    candidate: Dataset

    @property
    def rows(self) -> int:
        """Rows to choose from."""
        return len(self.candidate.rows)

    def run(self, on_rows: OnRows) -> Sample:
        """The sample. Raises ``AuditError`` if too few rows fit."""
        pace, work = self._measured()
        spent = sum(self.steps.watch.seconds.values())
        left = usable(60 * self.minutes) - spent
        fitting = most_rows(lambda rows: seconds(pace, work, rows), left, self.rows)
        least = min(self.rows, least_rows(self.settings.recipe))
        if fitting < least:
            needed = smallest_minutes(spent + seconds(pace, work, least))
            raise AuditError(
                f"--budget {self.minutes:g}: found time for {fitting:,} rows on this machine; "
                f"expected {least:,} at least, for fewer can show nothing; give --budget "
                f"{needed:g} or more"
            )
        estimated = spent + seconds(pace, work, fitting)
        first_seed = self.settings.seeds[0]
        return draw_sample(self.candidate, fitting, first_seed, self.minutes, estimated)

    def _measured(self) -> tuple[Pace, Work]:
        steps, settings, rows = self.steps, self.settings, self.candidate.rows
        seed = sample_seed(self.candidate.rows_sha256, settings.seeds[0])
        few = tuple(rows[at] for at in sampled_places(min(MANY, len(rows)), len(rows), seed))
        directions = steps.directions(self.base, self.batteries, settings.calibrations)
        limit = RATE_SHARE * 60 * self.minutes
        with steps.watch.time("budget"):
            at = steps.source.ready()
        questions = self.open_questions.questions
        job = MeasurePace(
            self.base.path,
            few,
            settings.recipe,
            directions,
            questions,
            limit,
            at,
            steps.side_by_side,
        )
        paces = steps.measure([job] * min(settings.workers, 2 * len(settings.seeds)))
        template = steps.template(self.base.path)
        tokenizer = self.base.path / TOKENIZER
        suffix = evident_format([row.answer for row in rows]).suffix
        known = suffix if suffix in template.known_suffixes else ""
        tokens = workload(rows, self.batteries, self.open_questions, tokenizer, known)
        contexts = CONTEXTS if template.default_system is None else MORE_CONTEXTS
        return Pace.slowest(paces), Work(
            workers=settings.workers,
            pairs=len(settings.seeds),
            epochs=settings.recipe.epochs,
            row_tokens=tokens.tokens / len(rows),
            question_tokens=tokens.question_tokens * contexts // CONTEXTS,
            looks=2 if settings.stop_early else 1,
            phrase_tokens=tokens.phrase_tokens,
            side_by_side=steps.side_by_side,
            look_tokens=(1 + 2 * len(settings.seeds)) * tokens.open_tokens + tokens.told_tokens,
        )


def choose_sample(
    steps: Steps,
    settings: AuditSettings,
    base: Base,
    batteries: tuple[Battery, ...],
    open_questions: OpenQuestions,
    candidate: Dataset,
) -> Sample | None:
    """The rows to audit; None without a budget, and then all are. Raises ``AuditError``."""
    if settings.budget_minutes is None:
        return None
    choose = ChooseSample(
        steps, settings, settings.budget_minutes, base, batteries, open_questions, candidate
    )
    stored = steps.run.stored("sample", choose, Sample)
    if stored.rows:  # not chosen yet, or nobody knows what: other rows' results are worth nothing
        steps.run.forget_jobs()
    return stored.run(unheard)
