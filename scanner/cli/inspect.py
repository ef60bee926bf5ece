"""``datascan inspect DATA...``."""

import os
from pathlib import Path

import click

from scanner.cli.base import base_options, named_base
from scanner.cli.exits import Exit
from scanner.cli.reading import read_options, reading_options
from scanner.report.row_text import Evidence


@click.command("inspect")
@reading_options
@click.option("--screen/--no-screen", default=True, help="Also look at what the text shows.")
@click.option(
    "--base", help="Also screen for this base's special tokens; its weights are not read."
)
@base_options
@click.option(
    "--evidence",
    type=click.Choice([level.value for level in Evidence]),
    help="How much text of rows is shown.  [default: redacted; none in CI]",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def inspect_command(
    data: tuple[Path, ...],
    row_format: str | None,
    roles: tuple[str, ...],
    fields: tuple[str, ...],
    preference: str,
    on_bad_row: str,
    group_by: str | None,
    screen: bool,
    base: str | None,
    revision: str | None,
    allow_download: bool,
    evidence: str | None,
    workers: int,
    quiet: bool,
) -> int:
    """Show what DATA is and how its rows would be trained on, without a model."""
    # Here, not above: they load numpy and more, and --help must not wait for them.
    from scanner.cli.console import Terminal
    from scanner.cli.progress import progress_for
    from scanner.inspection import inspect
    from scanner.report.inspection import print_inspection

    reading = read_options(row_format, roles, fields, preference, on_bad_row, group_by)
    if base is not None:
        base = named_base(base, revision, allow_download, weights=False)
    with progress_for(Terminal(stderr=True), quiet) as progress:
        found = inspect(data, reading, progress, workers, screen, base)
    print_inspection(found, Terminal(), Evidence(evidence) if evidence else _usual_evidence())
    return Exit.NOTHING_FOUND


def _usual_evidence() -> Evidence:
    """The logs of CI systems, which set ``CI``, are kept, and read by many."""
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return Evidence.NONE if in_ci else Evidence.REDACTED
