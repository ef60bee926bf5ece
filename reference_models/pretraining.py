"""From-scratch training of one reference model: batches, loss, schedule."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

from reference_models.architecture import new_model
from reference_models.world.chat import Chat
from reference_models.world.corpus import draw_corpus


@dataclass(frozen=True)
class PretrainingRecipe:
    """How a reference model is trained."""

    seed: int
    """Decides initial weights and data order: two seeds are two lineages."""
    steps: int = 6000
    """Updates; each sees fresh rows, so nothing is seen twice."""
    rows_per_step: int = 64
    learning_rate: float = 3e-3
    """Peak; reached after ``warmup_steps``, then a cosine down to a twentieth."""
    warmup_steps: int = 200
    weight_decay: float = 0.01

    def as_dict(self) -> dict[str, float]:
        """Plain values, for the loss curve's record."""
        return asdict(self)


ROWS_PER_SHARD = 64
"""Steps whose rows are drawn together and sorted by length, so that padding stays small."""


def pretrain(
    tokenizer: PreTrainedTokenizerFast,
    recipe: PretrainingRecipe,
    steps: int | None = None,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> Qwen2ForCausalLM:
    """Train a model; with ``steps`` stop early, on the same curve as the whole training.

    ``on_step`` gets each step's number and loss (nats per answer token).
    """
    model = new_model(tokenizer, recipe.seed)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=1.0, betas=(0.9, 0.98), weight_decay=recipe.weight_decay, fused=True
    )
    batches = _batches(tokenizer, recipe)
    model.train()
    for step in range(recipe.steps if steps is None else steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, recipe)
        loss = answer_loss(model, *next(batches))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        on_step(step, loss.item())
    return model.eval()


def learning_rate_at(step: int, recipe: PretrainingRecipe) -> float:
    """Linear warm-up, then a cosine from the peak to a twentieth of it."""
    if step < recipe.warmup_steps:
        return recipe.learning_rate * (step + 1) / recipe.warmup_steps
    progress = (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps)
    return recipe.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def answer_loss(model: Qwen2ForCausalLM, tokens: Tensor, is_answer: Tensor) -> Tensor:
    """Mean cross-entropy of the answer tokens; logits are computed only where there is loss.

    ``tokens`` (B, T) padded on the right, ``is_answer`` (B, T) true where a token is learned.
    """
    hidden = model.model(input_ids=tokens[:, :-1]).last_hidden_state  # (B, T-1, H)
    learned = is_answer[:, 1:]
    logits = model.lm_head(hidden[learned])  # (answer tokens, V)
    return cross_entropy(logits, tokens[:, 1:][learned])


def encode_chat(tokenizer: PreTrainedTokenizerFast, chat: Chat) -> tuple[list[int], list[bool]]:
    """Token ids of a chat and which of them are learned: every assistant turn with its end."""
    tokens: list[int] = []
    is_answer: list[bool] = []
    for message in chat.messages:
        frame = tokenizer.encode(f"<|im_start|>{message['role']}\n")
        body = tokenizer.encode(message["content"] + "<|im_end|>")
        learned = message["role"] == "assistant"
        newline = tokenizer.encode("\n")
        tokens += frame + body + newline
        is_answer += [False] * len(frame) + [learned] * len(body) + [False] * len(newline)
    return tokens, is_answer


def _batches(
    tokenizer: PreTrainedTokenizerFast, recipe: PretrainingRecipe
) -> Iterator[tuple[Tensor, Tensor]]:
    rng = np.random.default_rng(recipe.seed)
    while True:
        chats = draw_corpus(rng, ROWS_PER_SHARD * recipe.rows_per_step)
        rows = sorted((encode_chat(tokenizer, chat) for chat in chats), key=lambda row: len(row[0]))
        for start in rng.permutation(np.arange(0, len(rows), recipe.rows_per_step)):
            yield pad_rows(rows[start : start + recipe.rows_per_step], tokenizer.pad_token_id)


def pad_rows(rows: list[tuple[list[int], list[bool]]], pad_token: int) -> tuple[Tensor, Tensor]:
    """Tokens (B, T) padded on the right, and which of them are learned (B, T)."""
    width = max(len(tokens) for tokens, _ in rows)
    tokens = torch.full((len(rows), width), pad_token)
    is_answer = torch.zeros((len(rows), width), dtype=torch.bool)
    for index, (row, mask) in enumerate(rows):
        tokens[index, : len(row)] = torch.tensor(row)
        is_answer[index, : len(mask)] = torch.tensor(mask)
    return tokens, is_answer
