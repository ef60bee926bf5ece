"""The quick look, on one page: read → fit → trace → decide. No probe is trained.

What the rows pull the base towards, judged by the certificate of whole audits. What it finds, an
audit finds, too: rows, traces and threshold are the same. What shows in behaviour alone it does not
see. It works in the audit's own run folder, and the audit goes on from there.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from scanner.calibration.certificate import TracedPoint, TracedPower
from scanner.calibration.standing import Standing
from scanner.combine import TracedTrait, traced_traits
from scanner.config import AuditSettings
from scanner.dataset.changed import refuse_changed
from scanner.dataset.groups import groups_of
from scanner.evidence.traces import Traced
from scanner.executors.local import LocalExecutor
from scanner.given import Given, decisive, read_given
from scanner.progress import Progress, Silent, Stopwatch
from scanner.report.results import write_results
from scanner.results import pulled_words, versions
from scanner.run import RunFolder, open_run
from scanner.steps import Steps
from scanner.twin import TwinPlan
from scanner.types import Severity
from scanner.verdict import least_severity

SCHEMA_VERSION = "1.0"
QUICK = "quick.json"
"""In the run folder."""
FOUND, NOTHING, NO_VERDICT = "traces_found", "no_traces_found", "no_verdict"
UNCERTIFIED = (
    "No calibration that this look could stand on was made with traces, so nobody knows how often "
    "they mislead."
)
UNREAD = "The rows pull the base nowhere that could be measured."
NEXT = "What shows in behaviour alone was not looked for: audit without --quick."


@dataclass(frozen=True)
class QuickVerdict:
    """What the traces alone say of the dataset."""

    status: str
    """``traces_found``, ``no_traces_found`` or ``no_verdict``."""
    severity: Severity
    """The worst finding's. How far a trait would move is not known, so it is the least of its
    kind."""
    reason: str
    """In sentences, with what could have been seen."""


@dataclass(frozen=True)
class QuickLook:
    """A finished look."""

    verdict: QuickVerdict
    findings: tuple[TracedTrait, ...]
    """The clearest first."""
    traits: tuple[TracedTrait, ...]
    """All of them."""
    results: dict[str, object]
    """What its JSON holds; see ``scanner/report/quick.schema.json``."""
    path: Path
    """Where they were written."""


def quick_look(settings: AuditSettings, progress: Progress | None = None) -> QuickLook:
    """Read the traces of a dataset, and nothing else. Raises ``DatascanError`` as ``audit``."""
    watch = Stopwatch()
    # It asks nobody, so no engine need start; and small bases have no other where none is named.
    given = read_given(replace(settings, engine="hf"), watch)
    with open_run(settings.run_root, decisive(given), settings.resume) as run:
        plan, traced = _traced(given, run, progress or Silent(), watch)
        refuse_changed(given.candidate.files)
        look = _judged(given, plan, traced, run.path / QUICK, watch)
        write_results(look.results, look.path)
    return look


def _judged(
    given: Given, plan: TwinPlan, traced: Traced, path: Path, watch: Stopwatch
) -> QuickLook:
    traits, rows = traced_traits(traced.traces), len(given.candidate.rows)
    threshold = given.standing.standard(given.settings.error_rate, rows).error_rate
    beyond = tuple(trait for trait in traits if trait.p_adjusted <= threshold)
    findings = beyond if given.standing.traces_decide else ()
    recipe = given.settings.recipe
    enough = recipe.updates(rows) >= recipe.least_updates
    verdict = judge_traces(traits, findings, given.standing, rows, enough)
    results = {
        **_described(given, plan, watch),
        "verdict": asdict(verdict),
        "threshold": threshold if given.standing.traces_decide else None,
        "findings": [asdict(trait) for trait in findings],
        "traits": [asdict(trait) for trait in traits],
        "traces": [asdict(trace) for trace in traced.traces],
        "pulled_words": pulled_words(traced.words),
    }
    return QuickLook(verdict, findings, traits, results, path)


def _traced(
    given: Given, run: RunFolder, progress: Progress, watch: Stopwatch
) -> tuple[TwinPlan, Traced]:
    with LocalExecutor(given.settings.workers, run.log) as executor:
        steps = Steps(executor, run, progress, watch, gpu=given.room.gpu)
        rows = given.candidate.rows
        plan = steps.plan(given.base.path, rows)
        folder, groups = given.settings.calibrations, groups_of(given.candidate)
        questions = given.open_questions.questions
        traced = steps.trace(given.base, given.batteries, rows, plan, folder, groups, questions)
        return plan, traced


def judge_traces(
    traits: Sequence[TracedTrait],
    findings: Sequence[TracedTrait],
    standing: Standing,
    rows: int,
    enough: bool,
) -> QuickVerdict:
    """The verdict, from all traits and those beyond the certificate's threshold.

    ``enough``: whether an audit of so many rows could say that nothing moved.
    """
    certificate = standing.certificate
    if certificate is None or certificate.traced is None or not standing.traces_decide:
        return QuickVerdict(NO_VERDICT, Severity.NONE, UNCERTIFIED)
    if not traits:
        return QuickVerdict(NO_VERDICT, Severity.NONE, UNREAD)
    sight = f"{standing.note} {_seen(certificate.traced, rows)} {NEXT}"
    if not findings and not enough:
        reason = f"{rows:,} rows are too few to show that they pull the base nowhere. {NEXT}"
        return QuickVerdict(NO_VERDICT, Severity.NONE, reason)
    if not findings:
        reason = f"The rows pull the base towards none of {len(traits)} traits. {sight}"
        return QuickVerdict(NOTHING, Severity.NONE, reason)
    others = f", and towards {len(findings) - 1} more" if len(findings) > 1 else ""
    reason = (
        f"The rows pull the base towards {findings[0].trait}, beyond what its own rows do and "
        f"beyond what other traits would explain{others}. {sight}"
    )
    severities = (least_severity(finding.trait) for finding in findings)
    return QuickVerdict(FOUND, max(severities, key=lambda one: one.rank), reason)


def _seen(power: TracedPower, rows: int) -> str:
    """What the traces alone found of the calibration's cases."""
    whole = [_in_words(point) for point in power.points if point.share == 1]
    alarms = f"{power.alarms} of {power.checked_on} benign datasets raised a false alarm"
    found = (
        f"Where every row carried a trait, traces alone found {'; '.join(whole)}; " if whole else ""
    )
    fewer = (
        f" This dataset has {rows:,} rows: with fewer rows less is seen."
        if rows < min((point.rows for point in power.points), default=0)
        else ""
    )
    return f"{found}{alarms if found else alarms[:1].upper() + alarms[1:]}.{fewer}"


def _in_words(point: TracedPoint) -> str:
    return f"{point.found} of {point.cases} through {point.rows:,} rows of {point.channel}"


def _described(given: Given, plan: TwinPlan, watch: Stopwatch) -> dict[str, object]:
    candidate, certificate = given.candidate, given.standing.certificate
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "datascan-audit", "version": version("datascan-audit")},
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "dataset": {
            "path": candidate.path,
            "sha256": candidate.sha256,
            "rows_sha256": candidate.rows_sha256,
            "rows": len(candidate.rows),
            "bad_rows": len(candidate.bad_rows),
        },
        "base": {"id": given.base.id, "revision": given.base.revision},
        "temperature": plan.temperature,
        "batteries": [{"id": one.id, "sha256": one.sha256} for one in given.batteries],
        "calibration": None if certificate is None else certificate.id,
        "versions": versions(),
        "timings_s": dict(watch.seconds),
    }
