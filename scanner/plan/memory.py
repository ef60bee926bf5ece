"""How a GPU's memory is shared by what trains and what answers. Pure arithmetic.

Training and transformers share one process and one copy of the base, and never work at once. vLLM
is a process of its own with a copy of its own, and stays until the audit ends: it is taken where
both fit side by side.
"""

from dataclasses import dataclass, replace

from scanner.config import Recipe
from scanner.engines.memory import transformers_bytes, vllm_bytes
from scanner.errors import AuditError
from scanner.plan.shape import Shape
from scanner.training.memory import (
    WHOLE,
    MemoryPlan,
    TrainingShape,
    plan_memory,
    training_bytes,
)


@dataclass(frozen=True)
class Memory:
    """How an audit fits, or does not. Bytes are those of a process, all in all."""

    training: MemoryPlan | None
    """None where not even one row fits."""
    training_bytes: int
    """What this plan takes, or the least that would do."""
    answering_bytes: int
    """With transformers, which share the base with training."""
    vllm_bytes: int | None
    """What vLLM takes beside training; None where both do not fit."""
    least_beside: int
    """Of GPU memory for vLLM and training side by side."""
    room: int | None
    """Of the GPU; None on the CPU, where nothing is planned."""
    side_by_side: int = 1
    """Copies that are trained at once."""

    @property
    def needed_bytes(self) -> int:
        """The larger of training and answering with transformers: they never run at once."""
        return max(self.training_bytes, self.answering_bytes)

    @property
    def fits(self) -> bool:
        """Whether an audit does, with whatever engine."""
        return self.room is None or (self.training is not None and self.needed_bytes <= self.room)

    def left_by(self, engine_bytes: int | None) -> int | None:
        """What training may take beside an engine; None on the CPU."""
        return None if self.room is None else self.room - (engine_bytes or 0)


def memory_of(
    shape: Shape,
    longest: int,
    context: int,
    recipe: Recipe,
    room: int | None,
    copies: int = 1,
    vllm: bool = True,
) -> Memory:
    """The fastest way to train and answer in ``room`` bytes of a GPU; None on the CPU.

    ``longest``: tokens of the longest row; ``context``: of the longest prompt and answer that an
    engine sees; ``copies``: to be trained side by side, on a GPU. They are fewer where activations
    would have to be computed twice for them (as ``training.lora`` halves them). ``vllm``: whether
    it is to work beside training, where it fits.
    """
    if room is None:
        return _memory_of(shape, longest, context, recipe, None, 1, vllm)
    found = _memory_of(shape, longest, context, recipe, room, copies, vllm)
    if copies == 1 or (found.training is not None and not found.training.checkpointing):
        return found
    return memory_of(shape, longest, context, recipe, room, copies // 2, vllm)


def _memory_of(
    shape: Shape,
    longest: int,
    context: int,
    recipe: Recipe,
    room: int | None,
    copies: int,
    vllm: bool,
) -> Memory:
    width = 4 if room is None else 2
    one = training_shape(shape, recipe, width)
    trained = replace(one, adapter=copies * one.adapter)
    longest_row, longest = longest, copies * longest
    whole = recipe.rows_per_step * longest
    answering = transformers_bytes(width * shape.weights, shape.vocabulary, longest_row)
    if room is None:
        taken = training_bytes(trained, whole, checkpointing=False)
        return Memory(WHOLE, taken, answering, None, 0, None)
    engine = vllm_bytes(width * shape.weights, shape.kv_bytes, context)
    beside = engine.least + training_bytes(one, longest_row, checkpointing=False)
    taken_by_engine = None
    if vllm and beside <= room:
        wanted = training_bytes(trained, whole, checkpointing=False)
        taken_by_engine = min(engine.most, max(engine.least, room - wanted))
    plan = _plan(trained, longest, room - (taken_by_engine or 0))
    tokens = longest if plan is None else min(plan.tokens_at_once or whole, whole)
    taken = training_bytes(trained, tokens, plan is None or plan.checkpointing)
    return Memory(plan, taken, answering, taken_by_engine, beside, room, copies)


def training_shape(shape: Shape, recipe: Recipe, width: int) -> TrainingShape:
    """What training depends on, at ``width`` bytes a weight of the base."""
    return TrainingShape(
        weights=shape.weights,
        adapter=shape.adapter(recipe.rank),
        layers=shape.layers,
        hidden=shape.hidden,
        intermediate=shape.intermediate,
        weight_bytes=width,
    )


def _plan(shape: TrainingShape, longest: int, room: int) -> MemoryPlan | None:
    try:
        return plan_memory(shape, longest, room)
    except AuditError:
        return None
