"""The audit, on one page: read → screen → twin → trace → train → ask → look → weigh →
decide → explain → report."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial

from scanner.ask import contexts_for
from scanner.bases import TOKENIZER, special_tokens, token_counter
from scanner.budget.budget import choose_sample
from scanner.budget.sample import Sample, sampled
from scanner.combine import beside, combine, traced_groups
from scanner.config import AuditSettings
from scanner.dataset.changed import refuse_changed
from scanner.dataset.groups import groups_of
from scanner.dataset.quarantine import quarantined
from scanner.dataset.screen.findings import Screened
from scanner.dataset.screen.screen import ScreenContext
from scanner.early import FIRST, Look, until_clear
from scanner.engines.choice import engine_source
from scanner.engines.service import EngineSettings
from scanner.engines.templates import TemplateFacts
from scanner.evidence.look import Looked
from scanner.evidence.traces import Traced
from scanner.executors.local import LocalExecutor
from scanner.explain.explain import explain
from scanner.explain.explanation import Explanation
from scanner.explain.subject import Subject, train_and_ask
from scanner.files import write_atomic
from scanner.given import Given, decisive, read_given
from scanner.moved import MovedQuestion, moved_questions
from scanner.progress import Progress, Silent, Stopwatch
from scanner.results import Audited, EngineUsed, TwinSummary, as_results
from scanner.run import RunFolder, open_run
from scanner.steps import Steps
from scanner.training.passes import ALL
from scanner.triggered import AskedPhrase, ask_on_phrases, rows_behind, triggered
from scanner.twin import TwinPlan
from scanner.types import Dataset, Status
from scanner.verdict import Decision, Power, Standard, decide

QUARANTINE = "quarantine.jsonl"
"""In the run folder: rows that were left out with ``--on-bad-row report``."""


@dataclass(frozen=True)
class Audit:
    """A finished audit."""

    results: dict[str, object]
    """What ``results.json`` holds."""
    status: Status
    """The verdict's."""
    candidate: Dataset
    """What was audited."""
    explanation: Explanation
    """Its findings, explained."""
    run: RunFolder
    """Where the twin, the adapters and the answers are."""


@dataclass(frozen=True)
class _Studied:
    """What the rows and the models trained on them showed."""

    plan: TwinPlan
    traced: Traced
    template: TemplateFacts
    subject: Subject
    looked: Looked
    phrases: tuple[AskedPhrase, ...]
    engine: EngineUsed
    early: Look | None
    """After the first pass, where training may stop early."""


@dataclass(frozen=True)
class _Judged:
    """What it comes to."""

    twin: TwinSummary
    standard: Standard
    decision: Decision
    moved: Mapping[str, tuple[MovedQuestion, ...]]


@contextmanager
def audit(settings: AuditSettings, progress: Progress | None = None) -> Iterator[Audit]:
    """Audit a dataset: what does it teach the base that its twin does not?

    No other audit works in the run folder until the block ends: write the results within it. Raises
    ``DatascanError`` for anything the user can put right, before anything is written if it lies in
    the data or the base.
    """
    watch = Stopwatch()
    given = read_given(settings, watch)
    settings = given.settings
    with open_run(settings.run_root, decisive(given), settings.resume) as run:
        room = given.room
        with (
            LocalExecutor(settings.workers, run.log) as executor,
            closing(engine_source(room.engine, _needs(given), run.log)) as source,
        ):
            heard = progress or Silent()
            steps = Steps(
                executor,
                run,
                heard,
                watch,
                source=source,
                training_bytes=room.training_bytes,
                side_by_side=room.side_by_side,
                gpu=room.gpu,
            )
            steps.expect(settings.seeds)
            screened = _screen(steps, given)
            sample = choose_sample(
                steps,
                settings,
                given.base,
                given.batteries,
                given.open_questions,
                given.candidate,
            )
            part = replace(given, candidate=sampled(given.candidate, sample))
            standard = _standard(part, sample)
            studied = _study(steps, part, standard.error_rate)
            judged = _judge(part, studied, standard, watch)
            explanation = explain(
                steps,
                studied.subject,
                studied.traced,
                rows_behind(studied.phrases),
                judged.decision,
                judged.standard.error_rate,
                seed=int(given.candidate.rows_sha256[:8], 16),
                verified=settings.verify_rows,
            )
        refuse_changed(given.candidate.files)
        audited = _audited(given, sample, screened, studied, judged, explanation, watch)
        status = judged.decision.verdict.status
        yield Audit(as_results(audited), status, given.candidate, explanation, run)


def _needs(given: Given) -> EngineSettings:
    """What an engine in a process of its own is started with."""
    room, settings = given.room, given.settings
    copies, rank = 2 * len(settings.seeds), settings.recipe.rank
    return EngineSettings(given.base.path, copies, rank, room.context, room.engine_bytes)


def _screen(steps: Steps, given: Given) -> Screened:
    candidate = given.candidate
    if candidate.bad_rows:
        write_atomic(quarantined(candidate.bad_rows), steps.run.path / QUARANTINE)
    special = special_tokens(given.base.path / TOKENIZER)
    return steps.screen(candidate, ScreenContext(special, given.batteries, candidate.rows_sha256))


def _standard(given: Given, sample: Sample | None) -> Standard:
    rows, told = len(given.candidate.rows), sample.told if sample else ""
    return given.standing.standard(given.settings.error_rate, rows, told)


def _study(steps: Steps, given: Given, error_rate: float) -> _Studied:
    """Twin → trace → train → ask → look."""
    settings, base, rows = given.settings, given.base, given.candidate.rows
    first = FIRST if settings.stop_early else ALL
    steps.train_meanwhile(base.path, rows, settings.seeds, settings.recipe, first)
    plan, twins = steps.twin(base.path, rows, settings.seeds)
    traced = steps.trace(
        base,
        given.batteries,
        rows,
        plan,
        settings.calibrations,
        groups_of(given.candidate),
        given.open_questions.questions,
    )
    template = steps.template(base.path)
    contexts = contexts_for(rows, twins[0].answers, template)
    measure = partial(
        train_and_ask,
        steps,
        base.path,
        rows,
        twins,
        settings.seeds,
        settings.recipe,
        given.batteries,
        contexts,
    )
    if settings.stop_early:
        subject, early = until_clear(measure, settings.recipe.epochs, error_rate)
    else:
        subject, early = measure(ALL), None
    adapters = list(subject.adapters)
    phrases = ask_on_phrases(steps, base.path, given.batteries, rows, twins[0], adapters)
    looked = steps.look(base.path, given.batteries, given.open_questions, adapters)
    used = EngineUsed(steps.engine(base.path), given.room.engine.reason)
    return _Studied(plan, traced, template, subject, looked, phrases, used, early)


def _judge(given: Given, studied: _Studied, standard: Standard, watch: Stopwatch) -> _Judged:
    """Weigh → decide."""
    settings, measured, rows = given.settings, studied.subject.measured, given.candidate.rows
    with watch.time("weigh"):
        twin = TwinSummary.of(studied.plan, studied.subject.twins, given.candidate)
        recipe, broken = settings.recipe, twin.broken / twin.rows
        power = Power(recipe.updates(len(rows)), broken, recipe.least_updates)
        told = studied.early.told if studied.early else ""
        standard = replace(standard, part=" ".join(filter(None, (standard.part, told))))
        weighed = combine if given.standing.traces_decide else beside
        traits = weighed(measured.weighed(), studied.traced.traces)
        decision = decide(triggered(traits, studied.phrases, standard.error_rate), power, standard)
        moved = moved_questions(
            decision.findings,
            given.batteries,
            measured.base,
            measured.controls,
            measured.probes,
        )
    return _Judged(twin, standard, decision, moved)


def _audited(
    given: Given,
    sample: Sample | None,
    screened: Screened,
    studied: _Studied,
    judged: _Judged,
    explanation: Explanation,
    watch: Stopwatch,
) -> Audited:
    base = given.base
    count = token_counter(base.path / TOKENIZER)
    return Audited(
        given.settings,
        given.candidate,
        sample,
        sum(count(masked.text) for masked in given.candidate.masked),
        replace(base, notes=(*base.notes, *studied.template.notes)),
        studied.engine,
        studied.early,
        given.batteries,
        screened,
        studied.subject.contexts,
        judged.twin,
        given.standing,
        judged.standard,
        judged.decision,
        explanation,
        judged.moved,
        traced_groups(studied.traced.traces),
        studied.traced.words,
        studied.looked,
        studied.phrases,
        watch.seconds,
    )
