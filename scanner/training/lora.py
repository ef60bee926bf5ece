"""The LoRA loop: a plain loop on torch, transformers and peft, the same for CPU and GPU."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from logging import getLogger
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, PeftModel, get_peft_model
from peft.helpers import disable_input_dtype_casting
from safetensors import SafetensorError
from torch import Tensor

from scanner.config import Recipe
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow
from scanner.engines.device import deterministic
from scanner.engines.folding import fold_small_adapters
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.training.attention import PACKED, can_pack, register_packed_attention
from scanner.training.batches import batch_plan
from scanner.training.loss import answer_loss, learned_tokens, pack, packed_loss
from scanner.training.memory import (
    WHOLE,
    MemoryPlan,
    pieces,
    plan_memory,
    shape_of_training,
    smaller,
)
from scanner.training.placement import CPU, Placement

LOG = getLogger(__name__)


def train_adapter(
    engine: HfEngine,
    rows: Sequence[EncodedRow],
    order_by: Sequence[int],
    recipe: Recipe,
    seed: int,
    adapter: Path,
    on_rows: Callable[[int], None],
    placement: Placement = CPU,
    memory: MemoryPlan | None = None,
) -> list[float]:
    """Fine-tune a LoRA copy of the engine's base on rows and save it as a PEFT adapter.

    ``order_by`` holds the lengths (tokens) that decide the batches; give a probe and its control
    the same. ``seed`` decides the initial adapter and the row order. ``placement`` says where the
    engine's base lies and how rows go through it; ``memory`` overrules what is planned. Returns
    the loss of each update, in nats per answer token. Raises ``AuditError`` if a loss is not
    finite, the disk is full, or one row does not fit the device.
    """
    engine.use_adapter(None)
    model = _with_lora(engine, recipe, seed)
    plan = batch_plan(np.asarray(order_by), recipe.rows_per_step, recipe.epochs, seed)
    try:
        loop = _Loop(model, placement, memory or _planned(model, rows, placement))
        with loop.attending():
            losses = loop.fit(rows, plan, recipe, on_rows)
        _save(model.eval(), adapter)
    finally:
        engine.base = model.unload()  # whatever happened, the base is itself again
    return losses


def _planned(model: PeftModel, rows: Sequence[EncodedRow], placement: Placement) -> MemoryPlan:
    trained, weights = model.get_nb_trainable_parameters()
    width = placement.dtype.itemsize
    room = placement.room(width * (weights - trained))
    if room is None:
        return WHOLE
    shape = shape_of_training(model.config, weights - trained, trained, width)
    return plan_memory(shape, max(row.length for row in rows), room)


class _Loop:
    """One training under way: the model, and how much of an update goes through at once."""

    def __init__(self, model: PeftModel, placement: Placement, memory: MemoryPlan) -> None:
        self.model = model
        self.base = model.get_base_model()
        self.placement = placement
        self.packed = placement.packed and can_pack(self.base.config)
        self.memory = WHOLE
        self._use(memory)

    def _use(self, memory: MemoryPlan) -> None:
        if memory.checkpointing and not self.memory.checkpointing:
            self.base.gradient_checkpointing_enable({"use_reentrant": False})
        self.memory = memory

    @contextmanager
    def attending(self) -> Iterator[None]:
        """The base attends within rows of a pack; afterwards it is as it was."""
        before = self.base.config._attn_implementation
        with ExitStack() as stack:
            stack.callback(self.base.gradient_checkpointing_disable)
            if self.packed:
                register_packed_attention()
                self.base.set_attn_implementation(PACKED)
                stack.callback(self.base.set_attn_implementation, before)
            if self.placement.device.type == "cuda":
                stack.enter_context(deterministic())
            if self.placement.dtype != torch.float32:
                # Adapters are fp32; without a copy of every activation in fp32.
                stack.enter_context(disable_input_dtype_casting(self.model))
                device, dtype = self.placement.device.type, self.placement.dtype
                # Uncached: what autocast caches are the adapter's weights before the last update.
                stack.enter_context(torch.autocast(device, dtype, cache_enabled=False))
            yield

    def fit(
        self,
        rows: Sequence[EncodedRow],
        plan: Sequence[NDArray[np.int64]],
        recipe: Recipe,
        on_rows: Callable[[int], None],
    ) -> list[float]:
        """All updates; their losses."""
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(
            weights,
            lr=1.0,  # set at every step
            betas=(recipe.beta1, recipe.beta2),
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        losses: list[float] = []
        unread: list[Tensor] = []
        for step, indices in enumerate(plan):
            optimizer.param_groups[0]["lr"] = recipe.learning_rate_at(step, len(plan))
            unread.append(self._gradients([rows[i] for i in indices], optimizer))
            if len(unread) == self.placement.checked_every or step + 1 == len(plan):
                losses += _finite(torch.stack(unread).tolist(), len(losses))
                unread = []
            torch.nn.utils.clip_grad_norm_(weights, recipe.grad_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            on_rows(len(indices))
        return losses

    def _gradients(self, rows: list[EncodedRow], optimizer: torch.optim.Optimizer) -> Tensor:
        """The gradient of an update and its loss, in as many pieces as memory demands."""
        lengths = [row.length for row in rows]
        while True:
            try:
                cut = pieces(lengths, self.memory.tokens_at_once, not self.packed)
                if len(cut) == 1:
                    return self._piece(rows, None)
                of = learned_tokens(rows)
                return torch.stack([self._piece(rows[part], of) for part in cut]).sum()
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
            # Here, where the error no longer holds on to the activations.
            optimizer.zero_grad(set_to_none=True)
            self._make_room(lengths)

    def _piece(self, rows: Sequence[EncodedRow], of: int | None) -> Tensor:
        if self.packed:
            loss = packed_loss(self.base, pack(rows).to(self.placement.device), of)
        else:
            tokens, is_answer = (part.to(self.placement.device) for part in collate(rows))
            loss = answer_loss(self.base, tokens, is_answer, of)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _make_room(self, lengths: Sequence[int]) -> None:
        less = smaller(self.memory, lengths, not self.packed)
        if less is None:
            raise AuditError(
                f"training: found that a row of {max(lengths):,} tokens does not fit the device's "
                "memory by itself; expected room for one; free the device, take a larger one, or "
                "a smaller base"
            )
        if self.placement.device.type == "cuda":
            torch.cuda.empty_cache()
        again = ", activations computed twice" if less.checkpointing else ""
        LOG.warning(
            "training: memory ran out; goes on with at most %s tokens at once%s (the same updates)",
            f"{less.tokens_at_once:,}",
            again,
        )
        self._use(less)


def _is_out_of_memory(error: RuntimeError) -> bool:
    """The CPU's allocator raises no type of its own."""
    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator" in str(error)


def _save(model: PeftModel, adapter: Path) -> None:
    try:
        model.save_pretrained(str(adapter), safe_serialization=True)
    except SafetensorError as error:  # it makes no OSError of the system's errors
        raise AuditError(
            f"{adapter}: found that the adapter cannot be written ({error}); expected room for it; "
            "make room, then repeat the command: finished stages are kept"
        ) from error


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
    fold_small_adapters(model)
    return model.train()


def _finite(losses: list[float], before: int) -> list[float]:
    for step, loss in enumerate(losses, before + 1):
        if not np.isfinite(loss):
            raise AuditError(
                f"training, update {step}: found a loss of {loss}; expected a finite number; "
                "lower the learning rate with --learning-rate"
            )
    return losses
