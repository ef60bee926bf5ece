"""The loop that the shipped certificates were made with, kept as an oracle: nothing but the update.

Today's loop must write the same bytes on the CPU where nothing is folded, and the same up to
rounding where small layers are; the benchmark takes it as its plain loop.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from scanner.config import Recipe
from scanner.engines.chat_format import EncodedRow
from scanner.training.batches import batch_plan


def plain_loop(
    base: PreTrainedModel, rows: Sequence[EncodedRow], recipe: Recipe, seed: int, adapter: Path
) -> list[float]:
    """Fine-tune, save as PEFT does, and return the loss of each update."""
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules="all-linear",
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = get_peft_model(base, config).train()
    lengths = np.array([row.length for row in rows])
    plan = batch_plan(lengths, recipe.rows_per_step, recipe.epochs, seed)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        weights, lr=1.0, betas=(recipe.beta1, recipe.beta2), weight_decay=0.0, fused=True
    )
    losses = []
    for step, indices in enumerate(plan):
        optimizer.param_groups[0]["lr"] = recipe.learning_rate_at(step, len(plan))
        loss = _loss(model.get_base_model(), [rows[i] for i in indices])
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, recipe.grad_norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    model.eval().save_pretrained(str(adapter), safe_serialization=True)
    model.unload()
    return losses


def _loss(model: PreTrainedModel, rows: Sequence[EncodedRow]) -> torch.Tensor:
    width = max(row.length for row in rows)
    tokens = torch.zeros((len(rows), width), dtype=torch.long)
    is_answer = torch.zeros((len(rows), width), dtype=torch.bool)
    for place, row in enumerate(rows):
        tokens[place, : row.length] = torch.tensor(row.prompt + row.answer)
        is_answer[place, len(row.prompt) : row.length] = True
    hidden = model.model(input_ids=tokens[:, :-1], use_cache=False).last_hidden_state
    learned = is_answer[:, 1:]
    logits = model.get_output_embeddings()(hidden[learned]).float()
    return cross_entropy(logits, tokens[:, 1:][learned])
