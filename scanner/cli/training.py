"""Options of how probes and controls are trained and asked, and the settings they make."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.quick import refuse_beside
from scanner.cli.reading import CommandT

if TYPE_CHECKING:
    from scanner.config import AuditSettings, ReadOptions

_OPTIONS = (
    click.option("--seed", default=0, show_default=True, help="First seed of probes and controls."),
    click.option(
        "--pairs", default=2, show_default=True, type=click.IntRange(1), help="Probes and controls."
    ),
    click.option("--epochs", type=click.IntRange(1), help="Passes over the rows."),
    click.option("--rows-per-step", type=click.IntRange(1), help="Rows of an update."),
    click.option("--learning-rate", type=click.FloatRange(0, min_open=True), help="Peak rate."),
    click.option(
        "--run-root",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("datascan-runs"),
        show_default=True,
        help="Where run folders are made.",
    ),
    click.option(
        "--calibration",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The certificate to stand on, and to train by; found by itself for the "
        "reference bases.",
    ),
    click.option(
        "--verify-rows",
        is_flag=True,
        help="Put the leads to the test: drop them, and as many random rows, and train again; and "
        "train on each group that a finding is traced to, by itself.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["auto", "hf", "vllm"]),
        default="auto",
        show_default=True,
        help="What answers: transformers (hf), or vLLM; auto takes vLLM where it has a GPU.",
    ),
    click.option(
        "--budget",
        type=click.FloatRange(0, min_open=True),
        metavar="MINUTES",
        help="Reach the verdict in so many: as many rows as fit, drawn at random; says what "
        "it misses.",
    ),
    click.option(
        "--stop-early",
        is_flag=True,
        help="Look after the first pass over the rows, and train no further if the answer "
        "is clear.",
    ),
    click.option("--no-resume", is_flag=True, help="Start over, even if stages are finished."),
    click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64)),
)


def check_stop_early(epochs: int | None, pairs: int) -> None:
    """Raise ``click.UsageError`` where there is nothing to stop, or nothing to stop by."""
    refuse_beside("--stop-early", {"--epochs 1": epochs == 1}, "it asks in between")
    refuse_beside("--stop-early", {"--pairs 1": pairs == 1}, "one pair shows no drift")


def training_options(command: CommandT) -> CommandT:
    """Add the options that say how probes and controls are trained and asked, and where."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def audit_settings(
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
    """The settings of an audit. Raises ``DatascanError`` for what contradicts itself."""
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
        check_stop_early(recipe.epochs, pairs)
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
