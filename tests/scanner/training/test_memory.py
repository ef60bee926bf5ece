import pytest
from transformers import Qwen2Config

from scanner.errors import AuditError
from scanner.training.memory import (
    MemoryPlan,
    activation_bytes,
    pieces,
    plan_memory,
    shape_of_training,
    smaller,
)

CONFIG = Qwen2Config(
    hidden_size=3584, intermediate_size=18944, num_hidden_layers=28, vocab_size=152064
)
QWEN_7B = shape_of_training(CONFIG, weights=7_615_616_512, adapter=20_185_088, weight_bytes=2)


def test_activations_of_a_token_by_hand() -> None:
    # 2 bytes × (10 × 3584 + 4 × 18944) = 223,232 per layer; × 28 = 6,250,496.
    assert activation_bytes(QWEN_7B, checkpointing=False) == 6_250_496
    # 2 × 3584 × 28 + 223,232 = 423,936.
    assert activation_bytes(QWEN_7B, checkpointing=True) == 423_936


def test_qwen_7b_on_real_devices() -> None:
    # Resident: 15.23 (base) + 0.32 (adapter) + 0.67 (logits) + 2 (reserve) = 18.23 GB.
    # 24 GB: 5.77 GB free / 6.25 MB = 923 tokens; 80 GB: 9,883; 141 GB: 19,643.
    plans = [plan_memory(QWEN_7B, 200, gigabytes * 10**9) for gigabytes in (24, 80, 141)]
    assert [plan.checkpointing for plan in plans] == [False, False, False]
    tokens = [plan.tokens_at_once for plan in plans]
    assert tokens == pytest.approx([923, 9_883, 19_643], rel=0.01)


def test_activations_are_computed_twice_only_where_a_row_would_not_fit() -> None:
    # On 24 GB a row of 4,000 tokens takes 25 GB kept, and 1.7 GB computed twice.
    assert plan_memory(QWEN_7B, 4_000, 24 * 10**9).checkpointing
    assert not plan_memory(QWEN_7B, 4_000, 80 * 10**9).checkpointing


def test_a_device_too_small_is_refused_with_what_it_takes() -> None:
    with pytest.raises(
        AuditError, match=r"found 16 GB of free GPU memory; expected at least 18 GB"
    ):
        plan_memory(QWEN_7B, 200, 16 * 10**9)


def test_pieces_keep_the_order_and_the_limit() -> None:
    lengths = [10, 20, 30, 40, 100]
    assert pieces(lengths, None, padded=False) == [slice(0, 5)]
    # Packed: 10 + 20 + 30 = 60; 40; 100, which is more than 60 but cannot be cut.
    assert pieces(lengths, 60, padded=False) == [slice(0, 3), slice(3, 4), slice(4, 5)]
    # Padded: 2 × 20 = 40, with 30 it were 90; 30 alone, with 40 it were 80; 40; 100.
    cut = pieces(lengths, 60, padded=True)
    assert cut == [slice(0, 2), slice(2, 3), slice(3, 4), slice(4, 5)]


def test_running_out_of_memory_ends_in_single_rows_then_checkpoints_then_nothing() -> None:
    lengths = [10] * 8
    plan: MemoryPlan | None = MemoryPlan(None, checkpointing=False)
    steps = []
    while plan is not None and (plan := smaller(plan, lengths, padded=True)) is not None:
        steps.append((len(pieces(lengths, plan.tokens_at_once, padded=True)), plan.checkpointing))
    assert steps == [(2, False), (4, False), (8, False), (8, True)]
