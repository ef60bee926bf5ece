"""How much memory an engine takes: planned before it starts, not found out by failing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.errors import EngineError

GIB = 1 << 30
CACHED_TOKENS = {"gpu": 131072, "cpu": 32768}
"""Tokens whose keys and values are kept: some hundred answers side by side, and what they share."""
WORKING = 6 * GIB
"""On a GPU, beside weights and cache: activations of a step, logits, adapters, CUDA itself."""
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


@dataclass(frozen=True)
class EngineMemory:
    """What an engine is started with."""

    cache: int
    """Bytes for keys and values."""
    share: float
    """Of the whole GPU, all in all."""


def weight_bytes(base: Path) -> int:
    """Bytes of a checkpoint's weights on disk."""
    return sum(file.stat().st_size for file in base.glob("*.safetensors"))


def plan_memory(
    weights: int, config: Any, context: int, dtype: str, free: int | None, total: int | None
) -> EngineMemory:
    """Room for weights, cache and work in the ``free`` of ``total`` bytes; None on the CPU.

    ``config`` is the text model's. The cache shrinks down to one row of the whole context where
    memory is short. Raises ``EngineError`` where even that does not fit.
    """
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    per_token = 2 * config.num_hidden_layers * heads * width * BYTES[dtype]
    least = per_token * (context + 64)
    most = max(least, per_token * CACHED_TOKENS["cpu" if free is None else "gpu"])
    if free is None or total is None:
        return EngineMemory(most, 0.5)
    room = free - weights - WORKING
    if room < least:
        needed = (weights + WORKING + least) / GIB
        busy = "the GPU is in use" if free < 0.9 * total else "the GPU is small"
        raise EngineError(
            f"engine vllm: found {free / GIB:.1f} GiB free of {total / GIB:.1f} GiB of GPU memory "
            f"({busy}); expected {needed:.1f} GiB; end what else uses it, take a smaller base, or "
            "give --engine hf"
        )
    cache = min(most, room)
    return EngineMemory(cache, min(0.95, (weights + WORKING + cache) / total))
