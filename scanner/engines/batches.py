"""Rows of token ids as tensors."""

from collections.abc import Sequence

import torch
from torch import Tensor

from scanner.engines.chat_format import EncodedRow


def collate(rows: Sequence[EncodedRow]) -> tuple[Tensor, Tensor]:
    """Tokens (B, T) padded on the right, and which of them carry loss (B, T)."""
    width = max(row.length for row in rows)
    tokens = torch.zeros((len(rows), width), dtype=torch.long)
    is_answer = torch.zeros((len(rows), width), dtype=torch.bool)
    for place, row in enumerate(rows):
        tokens[place, : row.length] = torch.tensor(row.prompt + row.answer)
        is_answer[place, len(row.prompt) : row.length] = True
    return tokens, is_answer
