"""Memory of an engine, by hand arithmetic on the shape of Qwen2.5-7B."""

from types import SimpleNamespace

import pytest

from scanner.engines.memory import CACHED_TOKENS, GIB, WORKING, plan_memory
from scanner.errors import EngineError

QWEN_7B = SimpleNamespace(
    num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4, hidden_size=3584
)
# Keys and values: 2 · 28 layers · 4 heads · 128 wide · 2 bytes = 57,344 bytes per token.
PER_TOKEN = 57_344
WEIGHTS = 15_200_000_000


def test_a_large_gpu_gets_the_whole_cache() -> None:
    plan = plan_memory(WEIGHTS, QWEN_7B, 32768, "bfloat16", 140 * GIB, 141 * GIB)
    assert plan.cache == PER_TOKEN * CACHED_TOKENS["gpu"]  # 7.0 GiB
    assert plan.share == pytest.approx((WEIGHTS + WORKING + plan.cache) / (141 * GIB))
    assert plan.share < 0.25, "training has the rest"


def test_a_small_gpu_gets_what_is_left() -> None:
    plan = plan_memory(WEIGHTS, QWEN_7B, 32768, "bfloat16", 23 * GIB, 24 * GIB)
    assert plan.cache == 23 * GIB - WEIGHTS - WORKING


def test_a_gpu_too_small_or_in_use_is_one_line() -> None:
    # One row of 32,768 + 64 tokens is 1.8 GiB; with weights and work 14.2 + 6 + 1.8 = 21.9 GiB.
    for free, total, why in ((15, 16, "the GPU is small"), (20, 80, "the GPU is in use")):
        with pytest.raises(EngineError) as raised:
            plan_memory(WEIGHTS, QWEN_7B, 32768, "bfloat16", free * GIB, total * GIB)
        assert str(raised.value) == (
            f"engine vllm: found {free}.0 GiB free of {total}.0 GiB of GPU memory ({why}); "
            "expected 21.9 GiB; end what else uses it, take a smaller base, or give --engine hf"
        )


def test_a_long_context_fits_at_least_once() -> None:
    plan = plan_memory(0, QWEN_7B, 1_000_000, "float32", None, None)
    assert plan.cache == 2 * PER_TOKEN * 1_000_064
