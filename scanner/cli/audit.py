"""``datascan audit DATA... --base BASE``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.base import base_options, named_base
from scanner.cli.exits import gate
from scanner.cli.quick import quick_audit, refuse_beside, refuse_unfit
from scanner.cli.reading import read_options, reading_options
from scanner.cli.terms import excuse_options, excuses
from scanner.cli.training import audit_settings, training_options
from scanner.errors import CalibrationError
from scanner.report.row_text import Evidence
from scanner.types import Severity

if TYPE_CHECKING:
    from scanner.config import AuditSettings
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
@training_options
@click.option(
    "--calibrate", is_flag=True, help="Calibrate the base first (suite quick) if nothing fits."
)
@click.option(
    "--quick",
    is_flag=True,
    help="Read what the rows pull the base towards, and train nothing: seconds, but it sees less.",
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
    settings = audit_settings(data, base, reading, **options)
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
