"""Memory is planned: how many tokens go through at once, and whether activations are kept.

Pure arithmetic on a base's shape. Constants are those of the estimate in ``activation_bytes``;
what they miss, an error of the device corrects while training (see ``lora``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scanner.engines.memory import HEAD_LOGITS, intermediate_of, layer_bytes
from scanner.errors import AuditError

if TYPE_CHECKING:
    from transformers import PreTrainedConfig

LOGIT_BYTES = 10
"""Per logit: the head's bf16, fp32, and its gradient."""
ADAPTER_BYTES = 16
"""Per trained weight: fp32 weight, gradient, and two moments of AdamW."""
RESERVED_BYTES = 2_000_000_000
"""CUDA's own, and fragments."""


class DoesNotFit(AuditError):
    """What is to be trained at once does not fit the device."""


@dataclass(frozen=True)
class TrainingShape:
    """What memory depends on."""

    weights: int
    """Of the base."""
    adapter: int
    """Trained weights."""
    layers: int
    hidden: int
    intermediate: int
    weight_bytes: int = 2
    """bf16; 4 for fp32."""


@dataclass(frozen=True)
class MemoryPlan:
    """How an update goes through the device."""

    tokens_at_once: int | None
    """Of an update's rows in one pass; the others follow, with the same update. None: all."""
    checkpointing: bool
    """Whether activations are computed twice to save memory."""


WHOLE = MemoryPlan(None, checkpointing=False)


def shape_of_training(
    config: "PreTrainedConfig", weights: int, adapter: int, weight_bytes: int
) -> TrainingShape:
    """The shape of a base by its config."""
    text = config.get_text_config()
    intermediate = intermediate_of(text)
    return TrainingShape(
        weights, adapter, text.num_hidden_layers, text.hidden_size, intermediate, weight_bytes
    )


def activation_bytes(shape: TrainingShape, checkpointing: bool) -> int:
    """Per token: every layer's; with checkpointing one vector per layer, and one layer whole.

    6.25 MB on Qwen2.5-7B, where 6 to 7 are usual.
    """
    layer = layer_bytes(shape.hidden, shape.intermediate, shape.weight_bytes)
    if checkpointing:
        return shape.weight_bytes * shape.hidden * shape.layers + layer
    return layer * shape.layers


def resident_bytes(shape: TrainingShape) -> int:
    """What does not grow with the tokens: base, adapter with its optimizer, logits, reserve."""
    return (
        shape.weight_bytes * shape.weights
        + ADAPTER_BYTES * shape.adapter
        + LOGIT_BYTES * HEAD_LOGITS
        + RESERVED_BYTES
    )


def training_bytes(shape: TrainingShape, tokens: int, checkpointing: bool) -> int:
    """What training takes, all in all, with so many tokens at once."""
    return resident_bytes(shape) + tokens * activation_bytes(shape, checkpointing)


def plan_memory(shape: TrainingShape, longest: int, memory_bytes: int) -> MemoryPlan:
    """The fastest way that fits: activations are computed twice only if one row would not fit else.

    ``longest``: tokens of the longest row. Raises ``DoesNotFit`` where not even that fits.
    """
    free = memory_bytes - resident_bytes(shape)
    for checkpointing in (False, True):
        tokens = free // activation_bytes(shape, checkpointing)
        if tokens >= longest:
            return MemoryPlan(tokens, checkpointing)
    needed = training_bytes(shape, longest, checkpointing=True)
    raise DoesNotFit(
        f"training: found {memory_bytes / 1e9:.0f} GB of free GPU memory; expected at least "
        f"{needed / 1e9:.0f} GB for this base in bf16 and a row of {longest:,} tokens (QLoRA is "
        "off: it would change what is measured); free the GPU, take a larger one, or a smaller base"
    )


def pieces(lengths: Sequence[int], tokens_at_once: int | None, padded: bool) -> list[slice]:
    """An update's rows cut in order, so that no piece has more tokens, but at least one row.

    ``padded``: rows are as wide as their piece's longest.
    """
    if tokens_at_once is None:
        return [slice(0, len(lengths))]
    cut: list[slice] = []
    start = 0
    for end in range(1, len(lengths) + 1):
        taken = lengths[start:end]
        tokens = len(taken) * max(taken) if padded else sum(taken)
        if tokens > tokens_at_once and end - 1 > start:
            cut.append(slice(start, end - 1))
            start = end - 1
    return [*cut, slice(start, len(lengths))]


def smaller(plan: MemoryPlan, lengths: Sequence[int], padded: bool) -> MemoryPlan | None:
    """The next plan after an update of such rows did not fit; None if there is none."""
    all_tokens = len(lengths) * max(lengths) if padded else sum(lengths)
    now = min(plan.tokens_at_once or all_tokens, all_tokens)
    if len(pieces(lengths, now, padded)) < len(lengths):
        return MemoryPlan(max(1, now // 2), plan.checkpointing)
    return None if plan.checkpointing else MemoryPlan(now, checkpointing=True)
