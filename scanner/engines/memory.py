"""How much memory answering takes: planned before it starts, not found out by failing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scanner.errors import EngineError

GIB = 1 << 30
SMALL = 100_000_000
"""A base of fewer weights stays on the CPU even where there is a GPU: certificates of the
reference models are bound to the CPU's numbers, and so small a base would not fill a GPU."""
MOST_ON_CPU = 1_000_000_000
"""Weights of a base that is audited without a GPU: a larger one would take days."""
CACHED_TOKENS = {"gpu": 131072, "cpu": 32768}
"""Tokens whose keys and values vLLM keeps: some hundred answers side by side, and what they
share."""
WORKING = 6 * GIB
"""Of vLLM on a GPU, beside weights and cache: activations of a step, logits, adapters, CUDA."""
KEPT = 3 * GIB
"""Of transformers: keys and values of the answers that it draws together."""
PREFILLED = GIB // 2
"""Of one activation of an MLP, of which there are a few, for the prompts that it reads together:
14,000 tokens of a 7B base."""
LOGITS = 2**28
"""Entries of logits that transformers makes at once, in float32."""
HEAD_LOGITS = 2**26
"""Entries of logits held at once where gradients go back through them; more tokens are taken in
pieces."""
BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def weight_bytes(base: Path) -> int:
    """Bytes of a checkpoint's weights on disk; a second copy in the makers' own form is not
    loaded."""
    files = (file for file in base.glob("*.safetensors") if "consolidated" not in file.name)
    return sum(file.stat().st_size for file in files)


def is_small(base: Path) -> bool:
    """Whether a base has fewer than ``SMALL`` weights, of two bytes each."""
    return weight_bytes(base) // 2 < SMALL


def token_bytes(config: Any, width: int) -> int:
    """Keys and values of one token, each of ``width`` bytes; ``config`` is the text model's."""
    heads = getattr(config, "num_key_value_heads", None) or config.num_attention_heads
    size = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    return int(2 * config.num_hidden_layers * heads * size * width)


def intermediate_of(text: Any) -> int:
    """The width of an MLP of a text model's config, which some (GPT-2) leave to its usual size."""
    return int(getattr(text, "intermediate_size", None) or 4 * text.hidden_size)


def rows_at_once(config: Any, prompt: int, answer: int) -> int:
    """Answers that transformers may draw together: tokens of the longest prompt, and of an
    answer."""
    text, width = config.get_text_config(), BYTES["bfloat16"]
    kept = token_bytes(text, width) * (prompt + answer)
    read = width * intermediate_of(text) * prompt
    return max(1, min(KEPT // kept, PREFILLED // read))


def tokens_at_once(config: Any, most: int) -> int:
    """Tokens that transformers may score together: ``most``, or fewer where the vocabulary is
    large."""
    return max(1, min(most, LOGITS // int(config.get_text_config().vocab_size)))


def layer_bytes(hidden: int, intermediate: int, width: int) -> int:
    """What one layer keeps of one token for gradients of its activations: ten vectors of the
    hidden size and four of the MLP's, each entry of ``width`` bytes."""
    return width * (10 * hidden + 4 * intermediate)


def kept_bytes(config: Any, width: int) -> int:
    """The same of all layers of a base."""
    text = config.get_text_config()
    each = layer_bytes(text.hidden_size, intermediate_of(text), width)
    return int(text.num_hidden_layers * each)


def transformers_bytes(weights: int, vocabulary: int, longest: int) -> int:
    """What answering takes with transformers, all in all: ``weights`` bytes of the base, the
    answers' keys and values, logits with their logarithms (of one row of ``longest`` tokens at
    least), and CUDA itself."""
    return weights + KEPT + 3 * BYTES["float32"] * max(LOGITS, vocabulary * longest) + 2 * GIB


@dataclass(frozen=True)
class EngineMemory:
    """What vLLM is started with."""

    cache: int
    """Bytes for keys and values."""
    share: float
    """Of the whole GPU, that has to be free when it starts: weights and cache. What it works with
    comes later, and rounding must not refuse what was found free."""


@dataclass(frozen=True)
class VllmBytes:
    """What vLLM takes, all in all."""

    least: int
    """Room for one row."""
    most: int
    """More would not make it faster."""


def vllm_bytes(weights: int, per_token: int, context: int, gpu: bool = True) -> VllmBytes:
    """Of a base of ``weights`` bytes, with ``per_token`` bytes of keys and values, whose longest
    prompt and answer have ``context`` tokens."""
    row = per_token * (context + 64)
    cache = max(row, per_token * CACHED_TOKENS["gpu" if gpu else "cpu"])
    return VllmBytes(weights + WORKING + row, weights + WORKING + cache)


def plan_memory(
    weights: int,
    per_token: int,
    context: int,
    free: int | None,
    total: int | None,
    most: int | None = None,
) -> EngineMemory:
    """Room for weights, cache and work in the ``free`` of ``total`` bytes; None on the CPU.

    The cache shrinks down to one row of ``context`` tokens where memory is short. ``most`` is what
    it may take where something else needs room, too. Raises ``EngineError`` where it does not fit.
    """
    wanted = vllm_bytes(weights, per_token, context, free is not None)
    if free is None or total is None:
        return EngineMemory(wanted.most - weights - WORKING, 0.5)
    if free < wanted.least:
        busy = "the GPU is in use" if free < 0.9 * total else "the GPU is small"
        raise EngineError(
            f"engine vllm: found {free / GIB:.1f} GiB free of {total / GIB:.1f} GiB of GPU memory "
            f"({busy}); expected {wanted.least / GIB:.1f} GiB; end what else uses it, take a "
            "smaller base, or give --engine hf"
        )
    taken = min(wanted.most, free, max(wanted.least, free if most is None else most))
    cache = taken - weights - WORKING
    return EngineMemory(cache, min(0.95, (weights + cache) / total))
