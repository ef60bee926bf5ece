"""The plan, on one page: read the data → count tokens → sizes of the base → estimate."""

from dataclasses import dataclass, replace
from pathlib import Path

from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.answer_formats import evident_format
from scanner.bases import TOKENIZER, find_folder
from scanner.bases.checkpoint import has_weights, read_config
from scanner.config import REAL, ReadOptions, Recipe
from scanner.dataset.read import read_dataset
from scanner.engines.memory import MOST_ON_CPU, SMALL
from scanner.errors import BaseModelError
from scanner.plan.budget import least_rows, most_rows, smallest_minutes, usable
from scanner.plan.estimate import (
    Stage,
    disk_bytes,
    smallest_that_fits,
    stages_of,
    total_seconds,
)
from scanner.plan.gpus import Device, cpu, torch_gpu
from scanner.plan.memory import Memory, memory_of
from scanner.plan.shape import Shape, shape_of
from scanner.plan.workload import COUNTED_ROWS, Workload, workload


@dataclass(frozen=True)
class PlanSettings:
    """What is planned."""

    data: tuple[Path, ...]
    base: str
    reading: ReadOptions
    device: Device | None
    """None for what this machine has."""
    recipe: Recipe | None
    """None for what suits the base."""
    pairs: int
    workers: int = 2
    """Processes, on the CPU."""
    budget_minutes: float | None = None
    epochs: int | None = None
    """Passes over the rows; None for the recipe's."""
    rows_per_step: int | None = None
    """Of an update; None for the recipe's."""
    stop_early: bool = False
    """Whether training may stop after its first pass over the rows."""

    @property
    def looks(self) -> int:
        """How often every copy is asked."""
        return 2 if self.stop_early else 1


@dataclass(frozen=True)
class Budgeted:
    """How many rows fit a budget, at the usual speed."""

    minutes: float
    rows: int
    least: int
    """Fewer cannot show anything."""
    least_minutes: float
    """That these take."""


@dataclass(frozen=True)
class Plan:
    """What the audit would take."""

    base: str
    shape: Shape
    device: Device
    work: Workload
    counted: int
    """Rows whose tokens were counted."""
    steps: int
    """Updates of each probe and control."""
    copies: int
    """Probes and controls."""
    epochs: int
    rows_per_step: int
    """Of an update."""
    stages: tuple[Stage, ...]
    memory: Memory
    disk_bytes: int
    download_bytes: int
    """Of the base's weights, where they are not here; else 0."""
    alternative: Device | None
    """The smallest GPU that would do; None if none would."""
    budget: "Budgeted | None" = None
    """What ``--budget`` would let through; None without one, or where no speed is known."""
    early: tuple[float, float] | None = None
    """Seconds, good and usual, where training stops after its first pass; None where it may not,
    or no speed is known."""

    @property
    def fits(self) -> bool:
        """Whether memory suffices, no row is longer than the base's context, and the budget, if
        there is one, is enough for a verdict."""
        in_time = self.budget is None or self.budget.rows >= self.budget.least
        return self.memory.fits and not self.too_long and not self.too_large and in_time

    @property
    def too_long(self) -> bool:
        """Whether a row is longer than the base can see."""
        return self.work.longest > self.shape.context

    @property
    def too_large(self) -> bool:
        """Whether the base needs a GPU, and this is none."""
        return not self.device.is_gpu and self.shape.weights >= MOST_ON_CPU

    @property
    def seconds(self) -> tuple[float, float] | None:
        """Good and usual, of all stages; None where one of them is not known."""
        return total_seconds(self.stages)


def plan(settings: PlanSettings) -> Plan:
    """Plan an audit. Of the base settings and tokenizer suffice.

    Raises ``DatasetError`` and ``BaseModelError``.
    """
    rows = read_dataset(settings.data, settings.reading).rows
    folder = find_folder(settings.base)
    for needed in ("config.json", TOKENIZER):
        if not (folder / needed).is_file():
            raise BaseModelError(
                f"--base {settings.base!r}: found no {needed} in {folder}; expected config.json "
                f"and {TOKENIZER}, of which a plan is made; give --allow-download (a few MB)"
            )
    shape = shape_of(read_config(f"--base {settings.base!r}", folder), f"--base {settings.base!r}")
    device = settings.device or _this_machine(shape, settings.workers)
    suffix = evident_format([row.answer for row in rows]).suffix
    work = workload(rows, load_batteries(), load_open_questions(), folder / TOKENIZER, suffix)
    room, recipe = device.room, _recipe(settings, shape)
    longest = (work.longest, work.longest_asked)
    memory = memory_of(shape, *longest, recipe, room, settings.pairs)
    first, how = replace(recipe, epochs=1), (settings.pairs, device, memory)
    early = total_seconds(stages_of(shape, work, first, *how)) if settings.stop_early else None
    return Plan(
        base=settings.base,
        shape=shape,
        device=device,
        work=work,
        counted=min(len(rows), COUNTED_ROWS),
        steps=recipe.updates(len(rows)),
        copies=2 * settings.pairs,
        epochs=recipe.epochs,
        rows_per_step=recipe.rows_per_step,
        stages=stages_of(shape, work, recipe, *how, settings.looks),
        memory=memory,
        disk_bytes=disk_bytes(shape, work, recipe, settings.pairs, settings.stop_early),
        download_bytes=0 if has_weights(folder) else 2 * shape.weights,
        alternative=smallest_that_fits(shape, work, recipe),
        budget=_budgeted(settings, recipe, device, shape, work, memory),
        early=early,
    )


def _recipe(settings: PlanSettings, shape: Shape) -> Recipe:
    recipe = settings.recipe or (Recipe() if shape.weights < SMALL else REAL)
    return replace(
        recipe,
        epochs=settings.epochs or recipe.epochs,
        rows_per_step=settings.rows_per_step or recipe.rows_per_step,
    )


def _this_machine(shape: Shape, workers: int) -> Device:
    on_gpu = None if shape.weights < SMALL else torch_gpu()
    return on_gpu or cpu(workers)


def _budgeted(
    settings: PlanSettings,
    recipe: Recipe,
    device: Device,
    shape: Shape,
    work: Workload,
    memory: Memory,
) -> Budgeted | None:
    """The arithmetic of the plan, asked the other way round."""
    minutes = settings.budget_minutes
    if minutes is None or device.bf16_tflops is None:
        return None

    def cost(rows: int) -> float:
        some, how = work.of_rows(rows), (recipe, settings.pairs, device, memory, settings.looks)
        stages = stages_of(shape, some, *how)
        return sum(usual for _, usual in (stage.seconds or (0.0, 0.0) for stage in stages))

    least = min(work.rows, least_rows(recipe))
    fitting = most_rows(cost, usable(60 * minutes), work.rows)
    return Budgeted(minutes, fitting, least, smallest_minutes(cost(least)))
