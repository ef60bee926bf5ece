"""``datascan plan DATA... --base BASE``."""

from pathlib import Path

import click

from scanner.cli.base import base_options, named_base
from scanner.cli.exits import Exit
from scanner.cli.reading import read_options, reading_options
from scanner.cli.training import check_stop_early


@click.command("plan")
@reading_options
@click.option("--base", required=True, help="As in datascan audit; its weights need not be here.")
@base_options
@click.option("--gpu", help="Plan for this GPU (H200, H100, L4, RTX-4090, …), not this machine's.")
@click.option(
    "--pairs", default=2, show_default=True, type=click.IntRange(1), help="Probes and controls."
)
@click.option("--epochs", type=click.IntRange(1), help="Passes over the rows.")
@click.option("--rows-per-step", type=click.IntRange(1), help="Rows of an update.")
@click.option(
    "--budget",
    type=click.FloatRange(0, min_open=True),
    metavar="MINUTES",
    help="Say how many rows an audit with this budget could take.",
)
@click.option(
    "--stop-early",
    is_flag=True,
    help="Say what it takes if training stops after the first pass, and if it does not.",
)
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64))
def plan_command(
    data: tuple[Path, ...],
    row_format: str | None,
    roles: tuple[str, ...],
    fields: tuple[str, ...],
    preference: str,
    on_bad_row: str,
    group_by: str | None,
    base: str,
    revision: str | None,
    allow_download: bool,
    gpu: str | None,
    pairs: int,
    epochs: int | None,
    rows_per_step: int | None,
    budget: float | None,
    stop_early: bool,
    workers: int,
) -> int:
    """Say what an audit of DATA would take: tokens, steps, memory, disk, minutes. Trains nothing.

    Exits 2 where it does not fit.
    """
    # Here, not above: they load numpy and more, and --help must not wait for them.
    from scanner.cli.console import Terminal
    from scanner.plan.gpus import gpu_named
    from scanner.plan.plan import PlanSettings, plan
    from scanner.report.plan import print_plan

    if stop_early:
        check_stop_early(epochs, pairs)
    reading = read_options(row_format, roles, fields, preference, on_bad_row, group_by)
    settings = PlanSettings(
        data,
        named_base(base, revision, allow_download, weights=False),
        reading,
        gpu_named(gpu) if gpu else None,
        None,
        pairs,
        workers,
        budget,
        epochs,
        rows_per_step,
        stop_early,
    )
    planned = plan(settings)
    print_plan(planned, Terminal())
    return Exit.NOTHING_FOUND if planned.fits else Exit.COULD_NOT_FINISH
