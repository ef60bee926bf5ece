"""The loop that trains: updates, in as many pieces as memory demands, the same for CPU and GPU."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from logging import getLogger
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from scanner.config import Recipe
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow
from scanner.engines.checkpointing import compute_once, compute_twice
from scanner.engines.device import deterministic
from scanner.errors import AuditError
from scanner.training.attention import PACKED, can_pack, register_packed_attention
from scanner.training.loss import answer_loss, learned_tokens, pack, packed_loss
from scanner.training.memory import WHOLE, DoesNotFit, MemoryPlan, pieces, smaller
from scanner.training.paused import restore_state
from scanner.training.placement import Placement
from scanner.training.stack import Stack

LOG = getLogger(__name__)

Update = Sequence[Sequence[EncodedRow]]
"""The rows of one update, copy by copy; as many of each."""


class Loop:
    """One training under way: the model, and how much of an update goes through at once."""

    def __init__(self, stack: Stack, placement: Placement, memory: MemoryPlan) -> None:
        self.stack = stack
        self.base = stack.base
        self.placement = placement
        self.packed = placement.packed and can_pack(self.base.config)
        self.memory = WHOLE
        self._use(memory)
        self.losses: list[list[float]] = []
        """Of every update and copy, in nats per answer token."""

    def _use(self, memory: MemoryPlan) -> None:
        if memory.checkpointing and not self.memory.checkpointing:
            compute_twice(self.base)
        self.memory = memory

    @contextmanager
    def attending(self) -> Iterator[None]:
        """The base attends within rows of a pack; afterwards it is as it was."""
        before = self.base.config._attn_implementation
        with ExitStack() as stack:
            stack.callback(compute_once, self.base)
            if self.packed:
                register_packed_attention()
                self.base.set_attn_implementation(PACKED)
                stack.callback(self.base.set_attn_implementation, before)
            if self.placement.device.type == "cuda":
                stack.enter_context(deterministic())
            yield

    def fit(
        self,
        updates: Sequence[Update],
        recipe: Recipe,
        on_rows: Callable[[int], None],
        span: range | None = None,
        begun: Sequence[Path] = (),
    ) -> torch.optim.Optimizer:
        """All updates of ``span``, or all; ``begun`` holds what earlier ones left, copy by copy.

        Returns the optimizer; ``losses`` holds every update's losses.
        """
        span = range(len(updates)) if span is None else span
        optimizer = self._optimizer(recipe)
        if begun:
            restore_state(optimizer, span.start, begun)
        unread: list[Tensor] = []
        for step in span:
            optimizer.param_groups[0]["lr"] = recipe.learning_rate_at(step, len(updates))
            unread.append(self._gradients(updates[step], optimizer))
            if len(unread) == self.placement.checked_every or step + 1 == span.stop:
                self.losses += _finite(torch.stack(unread).tolist(), step + 1 - len(unread))
                unread = []
            self.stack.clip(recipe.grad_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            on_rows(sum(map(len, updates[step])))
        return optimizer

    def _optimizer(self, recipe: Recipe) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            self.stack.weights,
            lr=1.0,  # set at every step
            betas=(recipe.beta1, recipe.beta2),
            weight_decay=recipe.weight_decay,
            fused=True,
        )

    def _gradients(self, update: Update, optimizer: torch.optim.Optimizer) -> Tensor:
        """The gradient of an update and each copy's loss, in as many pieces as memory demands."""
        lengths = self._lengths(update)
        while True:
            try:
                cut = pieces(lengths, self.memory.tokens_at_once, not self.packed)
                if len(cut) == 1:
                    return self._piece(update, None)
                of = list(map(learned_tokens, update))
                losses = [self._piece([rows[part] for rows in update], of) for part in cut]
                return torch.stack(losses).sum(0)
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
            # Here, where the error no longer holds on to the activations.
            optimizer.zero_grad(set_to_none=True)
            self._make_room(lengths)

    def _lengths(self, update: Update) -> list[int]:
        """Tokens that each place of an update takes at most, over all copies."""
        of_places = zip(*update, strict=True)
        return [len(update) * max(row.length for row in place) for place in of_places]

    def _piece(self, update: Update, of: list[int] | None) -> Tensor:
        device = self.placement.device
        if self.packed:
            losses = packed_loss(self.base, pack(update).to(device), of)
        else:
            tokens, is_answer = collate([row for rows in update for row in rows])
            learned = list(map(learned_tokens, update))
            losses = answer_loss(self.base, tokens.to(device), is_answer.to(device), learned, of)
        losses.sum().backward()  # type: ignore[no-untyped-call]
        return losses.detach()

    def _make_room(self, lengths: Sequence[int]) -> None:
        less = smaller(self.memory, lengths, not self.packed)
        if less is None:
            raise DoesNotFit(
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


def _finite(losses: list[list[float]], before: int) -> list[list[float]]:
    for step, of_copies in enumerate(losses, before + 1):
        if not np.isfinite(of_copies).all():
            raise AuditError(
                f"training, update {step}: found a loss of {_not_finite(of_copies)}; expected a "
                "finite number; lower the learning rate with --learning-rate"
            )
    return losses


def _not_finite(losses: list[float]) -> float:
    return next(loss for loss in losses if not np.isfinite(loss))
