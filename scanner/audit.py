"""The audit, on one page: read → screen → twin → trace → train → ask → weigh → decide →
explain → report."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from probes.battery import Battery
from probes.loader import BatteryFileError, load_batteries
from scanner.ask import contexts_for
from scanner.bases import TOKENIZER, Base, find_base, special_tokens, token_counter
from scanner.calibration.standing import Audience, Standing, find_standing
from scanner.combine import beside, combine
from scanner.config import AuditSettings
from scanner.dataset.quarantine import quarantined
from scanner.dataset.read import read_dataset
from scanner.dataset.screen.screen import ScreenContext
from scanner.errors import BatteryError
from scanner.executors.local import LocalExecutor
from scanner.explain.again import Measured, Subject
from scanner.explain.explain import explain
from scanner.explain.explanation import Explanation
from scanner.files import write_atomic
from scanner.moved import moved_questions
from scanner.progress import Progress, Silent, Stopwatch
from scanner.results import Audited, TwinSummary, as_results, versions
from scanner.run import RunFolder, open_run
from scanner.steps import Steps
from scanner.types import Dataset, Status
from scanner.verdict import Power, decide

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


@contextmanager
def audit(settings: AuditSettings, progress: Progress | None = None) -> Iterator[Audit]:
    """Audit a dataset: what does it teach the base that its twin does not?

    No other audit works in the run folder until the block ends: write the results within it. Raises
    ``DatascanError`` for anything the user can put right, before anything is written if it lies in
    the data or the base.
    """
    watch = Stopwatch()
    with watch.time("read"):
        candidate = read_dataset(settings.data, settings.reading)
        base = find_base(settings.base)
        tokenizer = base.path / TOKENIZER
        batteries = _batteries()
        standing = _standing(settings, base, batteries)
    decisive = _decisive(settings, candidate, base, batteries)
    with open_run(settings.run_root, decisive, settings.resume) as run:
        with LocalExecutor(settings.workers, run.log) as executor:
            steps = Steps(executor, run, progress or Silent(), watch)
            if candidate.bad_rows:
                write_atomic(quarantined(candidate.bad_rows), run.path / QUARANTINE)
            screened = steps.screen(
                candidate,
                ScreenContext(special_tokens(tokenizer), batteries, candidate.rows_sha256),
            )
            plan, twins = steps.twin(base.path, candidate.rows, settings.seeds)
            traces = steps.trace(base, batteries, candidate.rows, plan, settings.calibrations)
            adapters = steps.train(
                base.path, candidate.rows, twins, settings.seeds, settings.recipe
            )
            template = steps.template(base.path)
            contexts = contexts_for(candidate.rows, twins[0].answers, template.default_system)
            measured = Measured.of(steps.ask(base.path, batteries, contexts, adapters))
            with watch.time("weigh"):
                twin = TwinSummary.of(plan, twins, candidate)
                power = Power(settings.recipe.updates(len(candidate.rows)), twin.broken / twin.rows)
                standard = standing.standard(settings.error_rate, len(candidate.rows))
                weighed = combine if standing.traces_decide else beside
                decision = decide(weighed(measured.weighed(), traces), power, standard)
                moved = moved_questions(
                    decision.findings, batteries, measured.base, measured.controls, measured.probes
                )
                texts = (masked.text for masked in candidate.masked)
                masked_tokens = sum(map(token_counter(tokenizer), texts))
            subject = Subject(
                base.path,
                candidate.rows,
                tuple(twins),
                settings.seeds,
                settings.recipe,
                batteries,
                contexts,
                tuple(adapters),
                measured,
            )
            explanation = explain(
                steps,
                subject,
                decision,
                standard.error_rate,
                seed=int(candidate.rows_sha256[:8], 16),
                verified=settings.verify_rows,
            )
        audited = Audited(
            settings,
            candidate,
            masked_tokens,
            replace(base, notes=(*base.notes, *template.notes)),
            batteries,
            screened,
            contexts,
            twin,
            standing,
            standard,
            decision,
            explanation,
            moved,
            watch.seconds,
        )
        yield Audit(as_results(audited), decision.verdict.status, candidate, explanation, run)


def _batteries() -> tuple[Battery, ...]:
    try:
        return load_batteries()
    except BatteryFileError as error:
        raise BatteryError(f"{error}; mend the file or install the package again") from error


def standing_of(settings: AuditSettings) -> Standing:
    """The certificate that an audit with these settings would stand on, or why there is none."""
    return _standing(settings, find_base(settings.base), _batteries())


def _standing(settings: AuditSettings, base: Base, batteries: Sequence[Battery]) -> Standing:
    audience = Audience(
        base.revision,
        settings.recipe.as_dict(),
        {battery.id: battery.sha256 for battery in batteries},
        len(settings.seeds),
    )
    return find_standing(audience, settings.calibration, (settings.calibrations,))


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
