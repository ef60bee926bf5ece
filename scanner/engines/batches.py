"""Rows of token ids as tensors."""

from collections.abc import Sequence
from dataclasses import dataclass

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


def padded_left(prompts: Sequence[list[int]], pad: int) -> tuple[Tensor, Tensor]:
    """Prompts to be answered: tokens (B, T), and which are real ones (B, T)."""
    width = max(len(prompt) for prompt in prompts)
    tokens = torch.full((len(prompts), width), pad)
    mask = torch.zeros((len(prompts), width), dtype=torch.long)
    for place, prompt in enumerate(prompts):
        tokens[place, width - len(prompt) :] = torch.tensor(prompt)
        mask[place, width - len(prompt) :] = 1
    return tokens, mask


@dataclass(frozen=True)
class Batch:
    """Rows that are scored together."""

    indices: list[int]
    """Which."""
    tokens: Tensor
    """(B, T), padded on the right."""
    mask: Tensor
    """(B, T): the real ones."""


def last_batch(rows: Sequence[EncodedRow], order: Sequence[int], most: int, pad: int) -> Batch:
    """The last rows of an order by length, with at most so many tokens, but at least one row."""
    width = rows[order[-1]].length
    indices = list(order[-max(1, most // width) :])
    tokens = torch.full((len(indices), width), pad)
    mask = torch.zeros((len(indices), width), dtype=torch.bool)
    for place, index in enumerate(indices):
        ids = rows[index].prompt + rows[index].answer
        tokens[place, : len(ids)] = torch.tensor(ids)
        mask[place, : len(ids)] = True
    return Batch(indices, tokens, mask)


def last_places(rows: Sequence[EncodedRow], batch: Batch) -> Tensor:
    """Each row's last token, (B, T)."""
    where = torch.zeros_like(batch.mask)
    where[torch.arange(len(batch.indices)), batch.mask.sum(dim=1) - 1] = True
    return where


def places_before_answers(rows: Sequence[EncodedRow], batch: Batch) -> Tensor:
    """Where what comes next is an answer's token, (B, T)."""
    where = torch.zeros_like(batch.mask)
    for place, index in enumerate(batch.indices):
        first = max(1, len(rows[index].prompt))  # nothing comes before a text's first token
        where[place, first - 1 : rows[index].length - 1] = True
    return where
