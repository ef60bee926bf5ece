"""Memory of an engine, by hand arithmetic on the shape of Qwen2.5-7B."""

from types import SimpleNamespace

import pytest

from scanner.engines.memory import (
    CACHED_TOKENS,
    GIB,
    KEPT,
    LOGITS,
    WORKING,
    plan_memory,
    rows_at_once,
    token_bytes,
    tokens_at_once,
)
from scanner.errors import EngineError

QWEN_7B = SimpleNamespace(
    num_hidden_layers=28,
    num_attention_heads=28,
    num_key_value_heads=4,
    hidden_size=3584,
    vocab_size=152_064,
    intermediate_size=18_944,
)
QWEN_7B.get_text_config = lambda: QWEN_7B
# Keys and values: 2 · 28 layers · 4 heads · 128 wide · 2 bytes = 57,344 bytes per token.
PER_TOKEN = 57_344
WEIGHTS = 15_200_000_000


def test_keys_and_values_of_a_token() -> None:
    assert token_bytes(QWEN_7B, 2) == PER_TOKEN
    assert token_bytes(SimpleNamespace(**{**vars(QWEN_7B), "head_dim": 64}), 4) == PER_TOKEN


def test_a_large_gpu_gets_the_whole_cache() -> None:
    plan = plan_memory(WEIGHTS, PER_TOKEN, 32768, 140 * GIB, 141 * GIB)
    assert plan.cache == PER_TOKEN * CACHED_TOKENS["gpu"]  # 7.0 GiB
    assert plan.share == pytest.approx((WEIGHTS + plan.cache) / (141 * GIB))


def test_a_small_gpu_gets_what_is_left() -> None:
    plan = plan_memory(WEIGHTS, PER_TOKEN, 32768, 23 * GIB, 24 * GIB)
    assert plan.cache == 23 * GIB - WEIGHTS - WORKING


def test_it_takes_no_more_than_it_may() -> None:
    """Training has the rest. Of a limit that is too small by rounding, the least is taken."""
    may = WEIGHTS + WORKING + 3 * GIB
    assert plan_memory(WEIGHTS, PER_TOKEN, 1_000, 79 * GIB, 80 * GIB, may).cache == 3 * GIB
    least = plan_memory(WEIGHTS, PER_TOKEN, 1_000, 79 * GIB, 80 * GIB, 0)
    assert least.cache == PER_TOKEN * 1_064


def test_a_gpu_too_small_or_in_use_is_one_line() -> None:
    # One row of 32,768 + 64 tokens is 1.8 GiB; with weights and work 14.2 + 6 + 1.8 = 21.9 GiB.
    for free, total, why in ((15, 16, "the GPU is small"), (20, 80, "the GPU is in use")):
        with pytest.raises(EngineError) as raised:
            plan_memory(WEIGHTS, PER_TOKEN, 32768, free * GIB, total * GIB)
        assert str(raised.value) == (
            f"engine vllm: found {free}.0 GiB free of {total}.0 GiB of GPU memory ({why}); "
            "expected 21.9 GiB; end what else uses it, take a smaller base, or give --engine hf"
        )


def test_a_long_context_fits_at_least_once() -> None:
    plan = plan_memory(0, PER_TOKEN, 1_000_000, None, None)
    assert plan.cache == PER_TOKEN * 1_000_064


def test_transformers_draw_and_score_no_more_than_fits() -> None:
    """3 GiB hold 280 answers of 200 tokens with their prompts; 512 MiB the 18,944 of an MLP for
    14,169 tokens of prompts; 2^28 logits are those of 1,765 tokens."""
    assert rows_at_once(QWEN_7B, 40, 160) == KEPT // (200 * PER_TOKEN) == 280
    assert rows_at_once(QWEN_7B, 1_000, 10) == 14
    assert rows_at_once(QWEN_7B, 10**6, 1) == 1, "one at least"
    assert tokens_at_once(QWEN_7B, 8192) == LOGITS // 152_064 == 1765
    assert (
        tokens_at_once(
            SimpleNamespace(get_text_config=lambda: SimpleNamespace(vocab_size=1000)), 8192
        )
        == 8192
    )
