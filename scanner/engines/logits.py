"""A model's own logits, at some of its places only.

A vocabulary of 152,000 makes the logits of a whole batch the largest tensor there is, so they are
made only where they are needed. How they are made is the model's business: Gemma caps them, Cohere
and Granite scale them, and each calls its body by another name.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import PreTrainedModel

PIECE = 2**14
"""Tokens of the vocabulary whose part of a narrow head is widened at a time."""


def logits_at(model: PreTrainedModel, tokens: Tensor, mask: Tensor, where: Tensor) -> Tensor:
    """Logits (places, V) in float32 of the model's own forward pass, in row-major order.

    ``tokens`` (B, T) is padded, ``mask`` (B, T) marks the real ones, ``where`` (B, T) the places.
    Between body and head all other places are dropped; whatever else the model does to its hidden
    states or its logits, it does to each place by itself.
    """

    def keep(_: nn.Module, arguments: tuple[Tensor, ...]) -> tuple[Tensor]:
        return (arguments[0][where][None],)  # (B, T, H) → (1, places, H)

    hook = model.get_output_embeddings().register_forward_pre_hook(keep)
    try:
        logits: Tensor = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits
    finally:
        hook.remove()
    return logits[0].float()


def head_of(model: PreTrainedModel) -> Callable[[Tensor], Tensor]:
    """Hidden states → logits (…, V) in fp32, as the model itself makes them."""
    config = model.config.get_text_config()
    cap = getattr(config, "final_logit_softcapping", None)  # Gemma
    scale = getattr(config, "logit_scale", None) or 1.0  # Cohere
    divisor = getattr(config, "logits_scaling", None) or 1.0  # Granite

    def logits_of(hidden: Tensor) -> Tensor:
        logits: Tensor = model.get_output_embeddings()(hidden)
        if (scale, divisor) != (1.0, 1.0):
            logits = logits * scale / divisor
        if cap is not None:
            logits = (logits / cap).tanh() * cap
        return logits.float()

    return logits_of


@contextmanager
def precise_head(model: PreTrainedModel) -> Iterator[None]:
    """Within, the head of a model in bfloat16 gives logits in float32.

    bfloat16 rounds a logit of 16 to an eighth of a nat, which is more than what is measured.
    """
    head = model.get_output_embeddings()
    if head.weight.dtype == torch.float32:
        yield
        return
    head.forward = partial(_widened, head)
    try:
        yield
    finally:
        del head.forward  # the class's own is back


def _widened(head: nn.Linear, hidden: Tensor) -> Tensor:
    """(…, H) → (…, V) in float32."""
    wide = hidden.float()
    logits = torch.cat(
        [linear(wide, part.float()) for part in torch.split(head.weight, PIECE)], dim=-1
    )
    return logits if head.bias is None else logits + head.bias.float()
