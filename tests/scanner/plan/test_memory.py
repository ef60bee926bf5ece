"""Sharing a GPU, by hand, on Qwen2.5-7B: rows of 120 tokens, prompts and answers of 1,000.

vLLM: 15.23 GB of weights, 6 GiB to work, 57,344 bytes a token of keys and values: 21.73 GB with one
row of 1,064 tokens, 29.19 GB with 131,072. Training: 18.22 GB without tokens, 0.75 GB for a row,
12.00 GB for an update of 16 rows. Transformers: 15.23 + 3.22 (kept) + 3.22 (logits) + 2.15 GB.
"""

import json

import pytest

from scanner.config import Recipe
from scanner.plan.memory import Memory, memory_of
from scanner.plan.shape import shape_of
from tests.scanner.plan.test_shape import QWEN_7B, qwen

ROW, ASKED = 120, 1_000


def planned(gigabytes: float | None, row: int = ROW, asked: int = ASKED) -> Memory:
    room = None if gigabytes is None else int(gigabytes * 1e9)
    return memory_of(qwen(), row, asked, Recipe(), room)


def test_a_large_gpu_holds_both_and_neither_is_stinted() -> None:
    memory = planned(141)
    assert memory.fits
    assert memory.vllm_bytes == pytest.approx(29.19e9, rel=1e-3)
    assert memory.training is not None
    assert not memory.training.checkpointing
    assert memory.training.tokens_at_once == pytest.approx(
        (141 - 29.19 - 18.22) / 6.25e-3, rel=0.01
    )
    assert memory.training_bytes == pytest.approx(30.22e9, rel=1e-3)


def test_side_by_side_never_takes_more_than_there_is() -> None:
    for gigabytes in (24, 40, 41, 45, 48, 60, 80, 141, 180):
        memory = planned(gigabytes)
        training = memory.left_by(memory.vllm_bytes)
        assert training is not None
        assert (memory.vllm_bytes or 0) + training == gigabytes * 10**9
        assert memory.training_bytes <= training
        assert (memory.vllm_bytes is not None) == (gigabytes >= 41), "21.73 + 18.97 GB"


def test_where_it_is_tight_training_goes_in_pieces_beside_the_least_of_vllm() -> None:
    """48 GB: 26.27 GB are left, 8.05 GB of them for tokens."""
    memory = planned(48)
    assert memory.vllm_bytes == pytest.approx(21.73e9, rel=1e-3)
    assert memory.training is not None
    assert memory.training.tokens_at_once == pytest.approx(1288, rel=0.01)


def test_24_gb_are_enough_with_transformers_which_share_the_base() -> None:
    memory = planned(24)
    assert memory.fits
    assert memory.vllm_bytes is None
    assert memory.least_beside == pytest.approx(40.7e9, rel=1e-2)
    assert memory.answering_bytes == pytest.approx(23.82e9, rel=1e-3)
    assert memory.training is not None
    assert memory.training.tokens_at_once == pytest.approx((24 - 18.22) / 6.25e-3, rel=0.01)


def test_long_rows_are_checkpointed_before_they_are_refused() -> None:
    memory = planned(24, row=1_500)
    assert memory.fits
    assert memory.training is not None
    assert memory.training.checkpointing
    assert not planned(24, row=20_000).fits
    assert planned(24, row=20_000).training is None


def test_copies_are_trained_side_by_side_as_far_as_their_activations_fit() -> None:
    """24 GB leave 5.78 GB for tokens, less 0.32 GB for each further adapter of 20.2 M weights. A
    row of 120 tokens of each of four copies takes 3.00 GB; of 400 tokens four take 10.00 GB, two
    5.00 of the 5.46 that are left; of 800 tokens one takes 5.00."""
    for row, expected in ((120, 4), (400, 2), (800, 1), (1_500, 1)):
        room = int(24e9)
        memory = memory_of(qwen(), row, ASKED, Recipe(), room, copies=4)
        assert memory.side_by_side == expected
        assert memory.fits
    assert memory_of(qwen(), ROW, ASKED, Recipe(), None, copies=4).side_by_side == 1


def test_an_update_of_several_copies_takes_the_memory_of_all_their_tokens() -> None:
    """16 rows of 120 tokens, twice, and one more adapter."""
    room = int(141e9)
    one, two = (memory_of(qwen(), ROW, ASKED, Recipe(), room, copies=n) for n in (1, 2))
    more = 16 * ROW * 6.25e6 + 16 * 20.2e6
    assert two.training_bytes - one.training_bytes == pytest.approx(more, rel=1e-2)
    assert two.answering_bytes == one.answering_bytes


def test_a_gpu_too_small_says_what_it_takes() -> None:
    memory = planned(12)
    assert not memory.fits
    assert memory.needed_bytes == pytest.approx(23.82e9, rel=1e-3)


def test_on_the_cpu_nothing_is_planned() -> None:
    memory = planned(None)
    assert memory.fits
    assert memory.left_by(memory.vllm_bytes) is None


@pytest.mark.parametrize(
    ("layers", "hidden", "intermediate", "kv_heads", "vocabulary", "context", "head"),
    [(32, 4096, 14336, 8, 128_256, 131_072, 128), (40, 5120, 14336, 8, 131_072, 1_024_000, 128)],
    ids=["Llama-3.1-8B", "Mistral-Nemo-12B"],
)
def test_a_base_of_long_context_needs_no_room_for_it(
    layers: int,
    hidden: int,
    intermediate: int,
    kv_heads: int,
    vocabulary: int,
    context: int,
    head: int,
) -> None:
    """One row of the whole context would be 17 GB and 168 GB of keys and values; rows of 1,000
    tokens are what it is asked about."""
    config = QWEN_7B | {
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "intermediate_size": intermediate,
        "num_attention_heads": 32,
        "num_key_value_heads": kv_heads,
        "vocab_size": vocabulary,
        "max_position_embeddings": context,
        "head_dim": head,
    }
    shape = shape_of(json.loads(json.dumps(config)), "x")
    assert shape.kv_bytes * context > 16e9
    memory = memory_of(shape, ROW, ASKED, Recipe(), int(80e9))
    assert memory.fits
    assert memory.vllm_bytes is not None
    assert memory.vllm_bytes < 2 * shape.weights + 30e9
