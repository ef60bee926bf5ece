"""The sizes of a base, from its ``config.json`` alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.errors import BaseModelError

UNGATED = ("gpt_neox", "phi", "gptj", "starcoder2", "nemotron")
"""Types of models whose MLP has two matrices; all others planned for have three."""
EXPERTS = ("num_experts", "num_local_experts", "n_routed_experts")


@dataclass(frozen=True)
class Shape:
    """A decoder's sizes; vectors (biases, norms) are left out: they weigh a thousandth."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_size: int
    vocabulary: int
    tied: bool
    """Whether embedding and head are one matrix."""
    gated: bool
    """Whether the MLP has three matrices."""
    context: int

    @property
    def linears(self) -> tuple[tuple[int, int], ...]:
        """(inputs, outputs) of each linear layer of one block."""
        wide, narrow = self.heads * self.head_size, self.kv_heads * self.head_size
        attention = ((self.hidden, wide), (self.hidden, narrow), (self.hidden, narrow))
        up = ((self.hidden, self.intermediate),) * (2 if self.gated else 1)
        return (*attention, (wide, self.hidden), *up, (self.intermediate, self.hidden))

    @property
    def body(self) -> int:
        """Weights between embedding and head."""
        return self.layers * sum(rows * columns for rows, columns in self.linears)

    @property
    def head(self) -> int:
        """Weights of the head."""
        return self.vocabulary * self.hidden

    @property
    def weights(self) -> int:
        """All weights."""
        return self.body + self.head * (1 if self.tied else 2)

    def adapter(self, rank: int) -> int:
        """Weights of a LoRA adapter on all linear layers."""
        return self.layers * sum(rank * (rows + columns) for rows, columns in self.linears)

    @property
    def kv_bytes(self) -> int:
        """Keys and values of one token in bf16."""
        return 2 * self.layers * self.kv_heads * self.head_size * 2


def shape_of(config: Mapping[str, Any], named: str) -> Shape:
    """The sizes that a config states. Raises ``BaseModelError`` if it is no decoder known here."""
    if any(config.get(name) for name in EXPERTS):
        raise BaseModelError(
            f"{named}: found a mixture of experts in config.json; expected a dense decoder, for "
            "which alone there is arithmetic here; audit it without a plan"
        )
    try:
        hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        return Shape(
            layers=int(config["num_hidden_layers"]),
            hidden=hidden,
            intermediate=int(config["intermediate_size"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_size=int(config.get("head_dim") or hidden // heads),
            vocabulary=int(config["vocab_size"]),
            tied=bool(config.get("tie_word_embeddings", True)),
            gated=config.get("model_type") not in UNGATED,
            context=int(config["max_position_embeddings"]),
        )
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise BaseModelError(
            f"{named}: found no usable {error} in config.json; expected the sizes of a decoder of "
            "transformers; audit it without a plan, or use another base"
        ) from error
