"""The LoRA loop: a plain loop on torch, transformers and peft, logits only where there is loss."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from scanner.config import Recipe
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.training.batches import batch_plan


def train_adapter(
    engine: HfEngine,
    rows: Sequence[EncodedRow],
    order_by: Sequence[int],
    recipe: Recipe,
    seed: int,
    adapter: Path,
    on_rows: Callable[[int], None],
) -> list[float]:
    """Fine-tune a LoRA copy of the engine's base on rows and save it as a PEFT adapter.

    ``order_by`` holds the lengths (tokens) that decide the batches; give a probe and its control
    the same. ``seed`` decides the initial adapter and the row order. Returns the loss of each
    update, in nats per answer token. Raises ``AuditError`` if a loss is not finite or the disk is
    full.
    """
    engine.use_adapter(None)
    model = _with_lora(engine, recipe, seed)
    plan = batch_plan(np.asarray(order_by), recipe.rows_per_step, recipe.epochs, seed)
    try:
        losses = _fit(model, rows, plan, recipe, on_rows)
        _save(model.eval(), adapter)
    finally:
        engine.base = model.unload()  # whatever happened, the base is itself again
    return losses


def _fit(
    model: PeftModel,
    rows: Sequence[EncodedRow],
    plan: Sequence[NDArray[np.int64]],
    recipe: Recipe,
    on_rows: Callable[[int], None],
) -> list[float]:
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        weights,
        lr=1.0,  # set at every step
        betas=(recipe.beta1, recipe.beta2),
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    losses: list[float] = []
    for step, indices in enumerate(plan):
        optimizer.param_groups[0]["lr"] = recipe.learning_rate_at(step, len(plan))
        loss = answer_loss(model.get_base_model(), *collate([rows[i] for i in indices]))
        losses.append(_finite(loss.item(), step))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(weights, recipe.grad_norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        on_rows(len(indices))
    return losses


def _save(model: PeftModel, adapter: Path) -> None:
    try:
        model.save_pretrained(str(adapter), safe_serialization=True)
    except SafetensorError as error:  # it makes no OSError of the system's errors
        raise AuditError(
            f"{adapter}: found that the adapter cannot be written ({error}); expected room for it; "
            "make room, then repeat the command: finished stages are kept"
        ) from error


def answer_loss(model: PreTrainedModel, tokens: Tensor, is_answer: Tensor) -> Tensor:
    """Mean cross-entropy over the answer tokens of a batch, in nats per token.

    ``tokens`` (B, T) is padded on the right, where causal attention never looks from a real
    token, so no attention mask is needed; ``is_answer`` (B, T) marks the tokens with loss.
    """
    hidden = model.model(input_ids=tokens[:, :-1], use_cache=False).last_hidden_state  # (B, T-1, H)
    learned = is_answer[:, 1:]
    logits = model.get_output_embeddings()(hidden[learned]).float()  # (answer tokens, V)
    return cross_entropy(logits, tokens[:, 1:][learned])


def _with_lora(engine: HfEngine, recipe: Recipe, seed: int) -> PeftModel:
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
        model = get_peft_model(engine.base, config)
    return model.train()


def _finite(loss: float, step: int) -> float:
    if not np.isfinite(loss):
        raise AuditError(
            f"training, update {step + 1}: found a loss of {loss}; expected a finite number; "
            "lower the learning rate with --learning-rate"
        )
    return loss
