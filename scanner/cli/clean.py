"""``datascan clean [RUN_ROOT]``."""

from pathlib import Path

import click

from scanner.cli.exits import Exit


@click.command("clean")
@click.argument(
    "run_root", default="datascan-runs", type=click.Path(path_type=Path, file_okay=False)
)
@click.option("--all", "everything", is_flag=True, help="Remove whole runs, unfinished ones too.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def clean_command(run_root: Path, everything: bool, dry_run: bool) -> int:
    """Remove adapters, row copies and logs of finished runs in RUN_ROOT (datascan-runs).

    results.json and report.html stay.
    """
    # Here, not above: they load rich and more, and --help must not wait for them.
    from rich.filesize import decimal

    from scanner.clean import clean_runs
    from scanner.cli.console import Terminal
    from scanner.report.console_text import console_text

    console = Terminal()
    runs = clean_runs(run_root, everything, dry_run)
    freed = "would be freed" if dry_run else "freed"
    lines = [
        f"{run.path}: {run.spared or f'{decimal(run.freed)} {freed}'}"
        for run in runs
        if run.spared or run.freed
    ]
    for line in (*lines, f"{decimal(sum(run.freed for run in runs))} {freed} in all"):
        console.print(console_text(line, console), soft_wrap=True)
    return Exit.NOTHING_FOUND
