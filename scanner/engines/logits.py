"""A model's own logits, at some of its places only.

A vocabulary of 152,000 makes the logits of a whole batch the largest tensor there is, so they are
made only where they are needed. How they are made is the model's business: Gemma caps them, Cohere
and Granite scale them, and each calls its body by another name.
"""

import torch
from torch import Tensor
from transformers import PreTrainedModel


def logits_at(model: PreTrainedModel, tokens: Tensor, mask: Tensor, where: Tensor) -> Tensor:
    """Logits (places, V) in float32 of the model's own forward pass, in row-major order.

    ``tokens`` (B, T) is padded, ``mask`` (B, T) marks the real ones, ``where`` (B, T) the places.
    Between body and head all other places are dropped; whatever else the model does to its hidden
    states or its logits, it does to each place by itself.
    """

    def keep(_: torch.nn.Module, arguments: tuple[Tensor, ...]) -> tuple[Tensor]:
        return (arguments[0][where][None],)  # (B, T, H) → (1, places, H)

    hook = model.get_output_embeddings().register_forward_pre_hook(keep)
    try:
        logits: Tensor = model(input_ids=tokens, attention_mask=mask, use_cache=False).logits
    finally:
        hook.remove()
    return logits[0].float()
