"""LoRA copies of a base are trained: one, or several of them side by side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path

import numpy as np

from scanner.config import Recipe
from scanner.engines.chat_format import EncodedRow
from scanner.engines.hf import HfEngine
from scanner.training.batches import batch_plan
from scanner.training.loop import Loop, Update
from scanner.training.memory import (
    WHOLE,
    DoesNotFit,
    MemoryPlan,
    plan_memory,
    shape_of_training,
)
from scanner.training.passes import ALL, Part
from scanner.training.paused import save_state
from scanner.training.placement import CPU, Placement
from scanner.training.stack import Stack

LOG = getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """What one copy is trained on, and where its adapter goes."""

    rows: Sequence[EncodedRow]
    order_by: Sequence[int]
    """The lengths (tokens) that decide the batches; give a probe and its control the same."""
    seed: int
    """Decides the initial adapter and the row order."""
    adapter: Path
    begun: Path | None = None
    """The adapter as earlier passes left it, where a ``Part`` goes on with it."""


@dataclass(frozen=True)
class Training:
    """How copies are trained, whatever on."""

    recipe: Recipe
    placement: Placement = CPU
    """Where the engine's base lies and how rows go through it."""
    memory: MemoryPlan | None = None
    """Overrules what is planned."""
    part: Part = ALL


def train_adapter(
    engine: HfEngine,
    rows: Sequence[EncodedRow],
    order_by: Sequence[int],
    recipe: Recipe,
    seed: int,
    adapter: Path,
    on_rows: Callable[[int], None],
    placement: Placement = CPU,
    memory: MemoryPlan | None = None,
) -> list[float]:
    """Fine-tune one LoRA copy of the engine's base; see ``train_adapters``."""
    lesson = Lesson(rows, order_by, seed, adapter)
    [losses] = train_adapters(engine, [lesson], Training(recipe, placement, memory), on_rows)
    return losses


def train_adapters(
    engine: HfEngine,
    lessons: Sequence[Lesson],
    training: Training,
    on_rows: Callable[[int], None],
) -> list[list[float]]:
    """Fine-tune LoRA copies of the engine's base side by side and save them as PEFT adapters.

    All have as many rows. Each becomes what it would have become by itself, up to rounding. Where
    they do not fit the device together, they are trained in halves. Returns each copy's loss at
    each update, in nats per answer token. Raises ``AuditError`` if a loss is not finite, the disk
    is full, or one row does not fit the device.
    """
    done = 0

    def counted(rows: int) -> None:
        nonlocal done
        done += rows
        on_rows(rows)

    try:
        return _side_by_side(engine, lessons, training, counted)
    except DoesNotFit:
        if len(lessons) == 1:
            raise
    on_rows(-done)  # they are done again
    middle = len(lessons) // 2
    LOG.warning("training: %d copies do not fit side by side; goes on with fewer", len(lessons))
    halves = (lessons[:middle], lessons[middle:])
    return [each for half in halves for each in train_adapters(engine, half, training, on_rows)]


def _side_by_side(
    engine: HfEngine,
    lessons: Sequence[Lesson],
    training: Training,
    on_rows: Callable[[int], None],
) -> list[list[float]]:
    engine.use_adapter(None)
    recipe = training.recipe
    stack = Stack(engine, recipe, [lesson.seed for lesson in lessons])
    try:
        begun = [lesson.begun for lesson in lessons if lesson.begun is not None]
        for copy, folder in enumerate(begun):
            stack.begin_at(copy, folder)
        loop = Loop(
            stack, training.placement, training.memory or _planned(stack, lessons, training)
        )
        updates = _updates(lessons, recipe, training.placement.alike)
        span = _span(training.part, recipe, len(updates))
        with loop.attending():
            optimizer = loop.fit(updates, recipe, on_rows, span, begun)
        for copy, lesson in enumerate(lessons):
            stack.write(copy, lesson.adapter)
            if span.stop < len(updates):
                save_state(optimizer, copy, lesson.adapter)
    finally:
        stack.release()  # whatever happened, the base is itself again
    return [list(losses) for losses in zip(*loop.losses, strict=True)]


def _updates(lessons: Sequence[Lesson], recipe: Recipe, alike: bool) -> list[Update]:
    how = (recipe.rows_per_step, recipe.epochs)
    plans = [batch_plan(np.asarray(one.order_by), *how, one.seed, alike) for one in lessons]
    return [
        [[one.rows[i] for i in places] for one, places in zip(lessons, of_copies, strict=True)]
        for of_copies in zip(*plans, strict=True)
    ]


def _span(part: Part, recipe: Recipe, updates: int) -> range:
    """The updates of a part's passes."""
    passes, each = part.passes(recipe.epochs), updates // recipe.epochs
    return range(each * passes.start, each * passes.stop)


def _planned(stack: Stack, lessons: Sequence[Lesson], training: Training) -> MemoryPlan:
    trained = sum(weight.numel() for weight in stack.weights)
    weights = sum(weight.numel() for weight in stack.base.parameters())
    width = training.placement.dtype.itemsize
    room = training.placement.room(width * weights)
    if room is None:
        return WHOLE
    shape = shape_of_training(stack.model.config, weights, trained, width)
    longest = max(row.length for lesson in lessons for row in lesson.rows)
    plan = plan_memory(shape, len(lessons) * longest, room)
    if plan.checkpointing and len(lessons) > 1:
        raise DoesNotFit("activations would have to be computed twice")
    return plan
