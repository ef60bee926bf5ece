"""Attention over rows that lie end to end in one sequence: no row sees another, nothing is padded.

On a GPU it is torch's own variable-length flash attention, on the CPU each row by itself.
"""

from functools import lru_cache
from inspect import signature
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention.varlen import varlen_attn
from torch.nn.functional import scaled_dot_product_attention
from transformers import PreTrainedConfig
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

PACKED = "datascan_packed"
"""The name under which transformers finds ``packed_attention``. No mask is made for it."""


def can_pack(config: PreTrainedConfig) -> bool:
    """Whether the base's attention is the plain softmax that ``packed_attention`` computes."""
    text = config.get_text_config()
    return not (
        getattr(text, "attn_logit_softcapping", None)  # Gemma 2
        or getattr(text, "attention_chunk_size", None)  # Llama 4
        or text.model_type == "gpt_oss"  # sinks
    )


def register_packed_attention() -> None:
    """Make ``PACKED`` known to transformers; twice is once."""
    ALL_ATTENTION_FUNCTIONS.register(PACKED, packed_attention)


def packed_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    cu_seq_lens_q: Tensor,
    max_length_q: int,
    scaling: float | None = None,
    sliding_window: int | None = None,
    **unused: Any,
) -> tuple[Tensor, None]:
    """Causal attention within each row.

    ``query`` (1, heads, T, D), ``key`` and ``value`` (1, key heads, T, D) hold rows end to end;
    ``cu_seq_lens_q`` (rows + 1) says where each begins and the last ends. Returns (1, T, heads, D).
    """
    if not query.is_cuda:
        rows = [
            _row_attention(
                query[:, :, begin:end],
                key[:, :, begin:end],
                value[:, :, begin:end],
                scaling,
                sliding_window,
            )
            for begin, end in pairwise(cu_seq_lens_q.tolist())
        ]
        return torch.cat(rows, dim=2).transpose(1, 2), None
    options: dict[str, Any] = {"scale": scaling}
    options["window_size"] = ((sliding_window or 0) - 1, 0)  # -1: as far back as the row goes
    if _takes("enable_gqa"):
        options["enable_gqa"] = True
    else:
        times = query.shape[1] // key.shape[1]
        key, value = (part.repeat_interleave(times, dim=1) for part in (key, value))
    mixed: Any = varlen_attn(
        query.to(value.dtype).transpose(1, 2)[0],
        key.to(value.dtype).transpose(1, 2)[0],
        value.transpose(1, 2)[0],
        cu_seq_lens_q,
        cu_seq_lens_q,
        max_length_q,
        max_length_q,
        **options,
    )
    return mixed[None], None


@lru_cache(maxsize=1)
def _varlen_parameters() -> frozenset[str]:
    return frozenset(signature(varlen_attn).parameters)


def _takes(name: str) -> bool:
    """Whether this torch's ``varlen_attn`` knows the argument: 2.11 may lack what 2.13 has."""
    return name in _varlen_parameters()


def _row_attention(
    query: Tensor, key: Tensor, value: Tensor, scaling: float | None, window: int | None
) -> Tensor:
    """One row, (1, heads, T, D)."""
    width = query.shape[2]
    mask = None
    if window is not None and window < width:
        back = torch.arange(width)[:, None] - torch.arange(width)
        mask = (back >= 0) & (back < window)
    return scaled_dot_product_attention(
        query,
        key,
        value,
        attn_mask=mask,
        is_causal=mask is None,
        scale=scaling,
        enable_gqa=query.shape[1] != key.shape[1],
    )
