"""``datascan calibrate --base BASE``."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.base import base_options, named_base
from scanner.cli.exits import Exit
from scanner.errors import CalibrationError
from scanner.report.text import safe_log_text

if TYPE_CHECKING:
    from scanner.calibration.calibrate import CalibrationSettings

SUITES = ("quick", "full", "paper", "digits")


@click.command("calibrate")
@click.option("--base", help="reference-a, reference-b, an alias, or a checkpoint's folder.")
@base_options
@click.option(
    "--suite",
    type=click.Choice(SUITES),
    default="quick",
    show_default=True,
    help="Which experiments; digits needs no base.",
)
@click.option("--case", help="Only cases whose name contains this; makes no certificate.")
@click.option("--list", "listed", is_flag=True, help="Name the cases and stop.")
@click.option("--other-lineage", help="A base of another initialisation, for the null cases.")
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the certificate (.json), its page (.html) or its tables (.md) here.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("datascan-calibrations"),
    show_default=True,
    help="Where calibration folders are made.",
)
@click.option("--no-resume", is_flag=True, help="Study every case again, the shipped ones too.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def calibrate_command(
    base: str | None,
    revision: str | None,
    allow_download: bool,
    suite: str,
    case: str | None,
    listed: bool,
    other_lineage: str | None,
    outputs: tuple[Path, ...],
    root: Path,
    no_resume: bool,
    workers: int,
    quiet: bool,
) -> int:
    """Find out what an audit on BASE can catch: replicate the teacher-to-student experiments."""
    if suite == "digits":
        if listed or case is not None or outputs:
            raise click.UsageError(
                "--suite digits has no cases to name and makes no certificate; drop --list, --case "
                "and --output"
            )
        return _run_digits(quiet)
    if base is None:
        raise click.UsageError("--base is missing; name the model whose audits are calibrated")
    if case is not None and outputs:
        raise click.UsageError("--output is for a certificate, and --case makes none; drop one")
    # Here, not above: it loads numpy and more, and --help must not wait for it.
    from scanner.calibration.calibrate import CalibrationSettings, chosen_cases
    from scanner.given import usual_recipe

    base = named_base(base, revision, allow_download)
    if other_lineage is not None:
        other_lineage = named_base(other_lineage, None, allow_download)
    settings = CalibrationSettings(
        base, suite, case, other_lineage, root, workers, resume=not no_resume
    )
    if not listed:
        return _run(replace(settings, recipe=usual_recipe(base)), outputs, quiet)
    for one in chosen_cases(settings).cases:
        click.echo(safe_log_text(one.name))
    return Exit.NOTHING_FOUND


def _run(settings: "CalibrationSettings", outputs: Sequence[Path], quiet: bool) -> int:
    from scanner.calibration.calibrate import calibrate
    from scanner.calibration.certificate import certificate_values
    from scanner.cli.console import Terminal
    from scanner.cli.outputs import check_outputs, write_calibration
    from scanner.cli.progress import progress_for
    from scanner.report.calibration_terminal import print_cases, print_certificate
    from scanner.report.formats import calibration_formats

    check_outputs(outputs, calibration_formats())
    with progress_for(Terminal(stderr=True), quiet) as progress:
        done = calibrate(settings, progress)
    if done.certificate is None and not quiet:
        print_cases([asdict(row) for row in done.rows()], Terminal())
    elif done.certificate is not None:
        values = certificate_values(done.certificate)
        page = write_calibration(values, done.folder, outputs)
        if not quiet:
            print_certificate(values, Terminal(), page)
    return _gate(list(done.studied.unmeasured.values()))


def _gate(unmeasured: Sequence[str]) -> Exit:
    """Cases without a result are an error, after everything else has been kept."""
    if unmeasured:
        more = f" (and {len(unmeasured) - 1} more)" if len(unmeasured) > 1 else ""
        raise CalibrationError(f"{unmeasured[0]}{more}")
    return Exit.NOTHING_FOUND


def _run_digits(quiet: bool) -> int:
    from scanner.calibration.digits import DigitsSettings, digits_steps, run_digits
    from scanner.cli.console import Terminal
    from scanner.cli.progress import progress_for
    from scanner.report.calibration_terminal import print_digits

    settings = DigitsSettings()
    with (
        progress_for(Terminal(stderr=True), quiet) as progress,
        progress.step("digits", digits_steps(settings)) as on_steps,
    ):
        result = run_digits(settings, on_steps)
    if not quiet:
        print_digits(asdict(result), settings.models, Terminal())
    return Exit.NOTHING_FOUND if result.transmitted else Exit.NO_VERDICT
