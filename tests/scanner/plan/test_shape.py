from typing import Any

import pytest
from safetensors import safe_open

import reference_models
from scanner.bases.checkpoint import read_config
from scanner.errors import BaseModelError
from scanner.plan.shape import Shape, shape_of

QWEN_7B = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "max_position_embeddings": 32768,
    "tie_word_embeddings": False,
}
"""config.json of Qwen2.5-7B-Instruct, as far as it matters."""


def qwen() -> Shape:
    return shape_of(QWEN_7B, "x")


def test_the_sizes_of_qwen_7b() -> None:
    """7.62 billion weights: 6.53 body, 0.545 head, 0.545 embedding; LoRA r=16 40.4 million; 57 KB
    of keys and values per token (anchors: speed, section 5)."""
    shape = qwen()
    assert shape.body == pytest.approx(6.53e9, rel=1e-3)
    assert shape.head == pytest.approx(0.545e9, rel=1e-3)
    assert shape.weights == pytest.approx(7.62e9, rel=1e-3)
    assert shape.adapter(16) == pytest.approx(40.4e6, rel=1e-3)
    assert shape.kv_bytes == 57_344


def test_a_block_by_hand() -> None:
    """Hidden 4, MLP 8, 2 heads of 2, 1 of keys: q 16, k and v 8 each, o 16, three of 32."""
    config = QWEN_7B | {
        "hidden_size": 4,
        "intermediate_size": 8,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "vocab_size": 10,
    }
    shape = shape_of(config, "x")
    assert shape.body == 16 + 8 + 8 + 16 + 3 * 32
    assert shape.weights == shape.body + 2 * 40
    # r (in + out): q 8, k and v 6 each, o 8, three of 12
    assert shape.adapter(1) == 8 + 6 + 6 + 8 + 3 * 12
    neox = shape_of(config | {"model_type": "gpt_neox", "num_key_value_heads": None}, "x")
    assert neox.body == 4 * 16 + 2 * 32
    tied = shape_of(config | {"tie_word_embeddings": True}, "x")
    assert shape.weights - tied.weights == 40


def test_the_sum_is_what_is_stored() -> None:
    folder = reference_models.verified_folder("reference-a")
    shape = shape_of(read_config("x", folder), "x")
    with safe_open(folder / "model.safetensors", "np") as stored:
        matrices = [stored.get_slice(name).get_shape() for name in stored.keys()]  # noqa: SIM118
    assert shape.weights == sum(s[0] * s[1] for s in matrices if len(s) == 2)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"num_experts": 64}, "mixture of experts.*without a plan"),
        ({"hidden_size": None}, r"no usable .* in config\.json"),
        ({"num_attention_heads": 0}, r"no usable .* in config\.json"),
    ],
)
def test_what_there_is_no_arithmetic_for(change: dict[str, Any], told: str) -> None:
    with pytest.raises(BaseModelError, match=told):
        shape_of(QWEN_7B | change, "--base 'x'")
    without = {key: value for key, value in QWEN_7B.items() if key != "vocab_size"}
    with pytest.raises(BaseModelError, match="'vocab_size'"):
        shape_of(without, "--base 'x'")
