"""``datascan audit DATA... --base BASE``."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.base import base_options, named_base
from scanner.cli.exits import gate
from scanner.cli.quick import quick_audit, refuse_beside, refuse_unfit
from scanner.cli.reading import read_options, reading_options
from scanner.cli.terms import excuse_options, excuses
from scanner.errors import CalibrationError
from scanner.report.row_text import Evidence
from scanner.types import Severity

if TYPE_CHECKING:
    from scanner.config import AuditSettings, ReadOptions
    from scanner.gate.findings import Excuses
    from scanner.progress import Progress

FAIL_ON = [severity.value for severity in Severity]


@click.command("audit")
@reading_options
@click.option(
    "--base",
    required=True,
    help="reference-a, reference-b, an alias, a repository in the cache, or a checkpoint's folder.",
)
@base_options
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the report here: .json, .html, .sarif, .xml (JUnit), .md, .csv or "
    ".intoto.json. May be given several times.",
)
@click.option(
    "--evidence",
    type=click.Choice([level.value for level in Evidence]),
    default=Evidence.REDACTED.value,
    show_default=True,
    help="How much text of rows reports may show; SARIF never shows any.",
)
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default=Severity.LOW.value,
    show_default=True,
    help="Mildest finding that exits 1; none never does.",
)
@excuse_options
@click.option("--seed", default=0, show_default=True, help="First seed of probes and controls.")
@click.option(
    "--pairs", default=2, show_default=True, type=click.IntRange(1), help="Probes and controls."
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the rows.")
@click.option("--rows-per-step", type=click.IntRange(1), help="Rows of an update.")
@click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="Peak rate.")
@click.option(
    "--run-root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("datascan-runs"),
    show_default=True,
    help="Where run folders are made.",
)
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The certificate to stand on, and to train by; found by itself for the reference bases.",
)
@click.option(
    "--calibrate", is_flag=True, help="Calibrate the base first (suite quick) if nothing fits."
)
@click.option(
    "--quick",
    is_flag=True,
    help="Read what the rows pull the base towards, and train nothing: seconds, but it sees less.",
)
@click.option(
    "--verify-rows",
    is_flag=True,
    help="Put the leads to the test: drop them, and as many random rows, and train again.",
)
@click.option(
    "--write-clean",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the records that are not set aside here, as JSON Lines.",
)
@click.option(
    "--write-quarantine",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write those that are: the rows that say a finding, or that lead to a hidden one.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "hf", "vllm"]),
    default="auto",
    show_default=True,
    help="What answers: transformers (hf), or vLLM; auto takes vLLM where it has a GPU.",
)
@click.option(
    "--budget",
    type=click.FloatRange(0, min_open=True),
    metavar="MINUTES",
    help="Reach the verdict in so many: as many rows as fit, drawn at random; says what it misses.",
)
@click.option(
    "--stop-early",
    is_flag=True,
    help="Look after the first pass over the rows, and train no further if the answer is clear.",
)
@click.option("--no-resume", is_flag=True, help="Start over, even if stages are finished.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def audit_command(
    data: tuple[Path, ...],
    base: str,
    revision: str | None,
    allow_download: bool,
    row_format: str | None,
    roles: tuple[str, ...],
    fields: tuple[str, ...],
    preference: str,
    on_bad_row: str,
    group_by: str | None,
    outputs: tuple[Path, ...],
    evidence: str,
    fail_on: str,
    ignore_file: Path | None,
    baseline: Path | None,
    calibrate: bool,
    write_clean: Path | None,
    write_quarantine: Path | None,
    quick: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Train probes on DATA and controls on its clean twin; report what only DATA teaches."""
    # Here, not above: they load numpy and more, and --help must not wait for them.
    from scanner.audit import audit
    from scanner.cli.console import Terminal
    from scanner.cli.halves import check_halves, places_of, write_halves
    from scanner.cli.outputs import check_outputs, write_audit
    from scanner.cli.progress import progress_for
    from scanner.gate.findings import with_excused
    from scanner.report.formats import audit_formats
    from scanner.report.terminal import print_lines, print_summary

    base = named_base(base, revision, allow_download)
    reading = read_options(row_format, roles, fields, preference, on_bad_row, group_by)
    settings = _settings(data, base, reading, **options)
    more = {
        "--calibrate": calibrate,
        "--verify-rows": settings.verify_rows,
        "--write-clean": write_clean,
        "--write-quarantine": write_quarantine,
    }
    if quick:
        shorter = {"--budget": settings.budget_minutes, "--stop-early": settings.stop_early}
        whole = {**more, **shorter, "--baseline": baseline, "--ignore-file": ignore_file}
        refuse_unfit(whole, outputs, data)
        return quick_audit(settings, outputs, Severity(fail_on), quiet)
    if settings.budget_minutes is not None:
        refuse_beside("--budget", more, "they need all rows, and their time")
    level = Evidence(evidence)
    check_outputs(outputs, audit_formats(level), sources=data)
    halves = places_of(write_clean, write_quarantine)
    check_halves(halves, data, outputs)
    excused = _excuses(ignore_file, baseline, base)
    with progress_for(Terminal(stderr=True), quiet) as progress:
        if calibrate:
            _calibrate_first(settings, progress)
        with audit(settings, progress) as finished:
            gated = gate(finished.results, Severity(fail_on), excused)
            results = with_excused(finished.results, gated.findings)
            paths = write_audit(results, finished.run.path, outputs, level)
            wrote = write_halves(finished, halves)
    if not quiet:
        print_summary(results, Terminal(), paths.html, paths.json)
        print_lines(wrote, Terminal())
    return gated.code


def _excuses(ignore_file: Path | None, baseline: Path | None, base: str) -> "Excuses":
    """What is excused, known to fit before the work begins. Raises DatascanError."""
    from scanner.bases import find_base
    from scanner.gate.findings import NOTHING_EXCUSED

    found = excuses(ignore_file, baseline)
    if found != NOTHING_EXCUSED:  # a base takes a while to read
        found.refuse_unfit(find_base(base).revision)
    return found


def _calibrate_first(settings: "AuditSettings", progress: "Progress") -> None:
    """Make the certificate that the audit then finds, unless one fits already.

    Raises ``CalibrationError`` where none that can be made would fit.
    """
    from scanner.calibration.calibrate import CalibrationSettings
    from scanner.calibration.calibrate import calibrate as make_certificate
    from scanner.calibration.cases import PAIRS
    from scanner.given import standing_of

    if standing_of(settings).certificate is None:
        if len(settings.seeds) != PAIRS:
            raise CalibrationError(
                f"--calibrate: found --pairs {len(settings.seeds)}; expected {PAIRS}, as in every "
                "calibration; leave one of the two out"
            )
        wanted = CalibrationSettings(
            settings.base,
            root=settings.calibrations,
            workers=settings.workers,
            recipe=settings.recipe,
        )
        make_certificate(wanted, progress)


def _settings(
    data: tuple[Path, ...],
    base: str,
    reading: "ReadOptions",
    *,
    seed: int,
    pairs: int,
    epochs: int | None,
    rows_per_step: int | None,
    learning_rate: float | None,
    run_root: Path,
    no_resume: bool,
    engine: str,
    workers: int,
    calibration: Path | None,
    verify_rows: bool,
    budget: float | None,
    stop_early: bool,
) -> "AuditSettings":
    from scanner.calibration.certificate import certified_recipe
    from scanner.config import AuditSettings
    from scanner.given import usual_recipe

    settings = AuditSettings(data=data, base=base, reading=reading)
    # An audit that names its certificate is trained as that certificate's cases were.
    recipe = usual_recipe(base) if calibration is None else certified_recipe(calibration)
    recipe = replace(
        recipe,
        epochs=epochs or recipe.epochs,
        rows_per_step=rows_per_step or recipe.rows_per_step,
        learning_rate=learning_rate or recipe.learning_rate,
    )
    if stop_early:
        one_pass = {"--epochs 1": recipe.epochs == 1}
        refuse_beside("--stop-early", one_pass, "it looks before the second pass")
    return replace(
        settings,
        seeds=tuple(range(seed, seed + pairs)),
        recipe=recipe,
        run_root=run_root,
        resume=not no_resume,
        engine=engine,
        workers=workers,
        calibration=calibration,
        verify_rows=verify_rows,
        budget_minutes=budget,
        stop_early=stop_early,
    )
