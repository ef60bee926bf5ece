"""The loss of a batch: logits only where there is loss, and never more of them than a piece."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from scanner.engines.chat_format import EncodedRow
from scanner.engines.logits import head_of
from scanner.engines.memory import HEAD_LOGITS


@dataclass(frozen=True)
class Packed:
    """Rows end to end, those of one copy after those of another."""

    tokens: Tensor
    """(1, copies x T)."""
    positions: Tensor
    """(1, copies x T), from 0 in each row."""
    bounds: Tensor
    """(rows + 1), int32: where each row begins and the last ends."""
    longest: int
    before: Tensor
    """(answer tokens): the place before each token with loss."""
    targets: Tensor
    """(answer tokens): the tokens with loss."""
    learned: tuple[int, ...]
    """Tokens with loss of each copy."""

    def to(self, device: torch.device) -> "Packed":
        """The same on a device."""
        parts = (self.tokens, self.positions, self.bounds, self.before, self.targets)
        tokens, positions, bounds, before, targets = (
            part.to(device, non_blocking=True) for part in parts
        )
        return replace(
            self,
            tokens=tokens,
            positions=positions,
            bounds=bounds,
            before=before,
            targets=targets,
        )


def pack(copies: Sequence[Sequence[EncodedRow]]) -> Packed:
    """The rows of every copy end to end, in order.

    What a copy's rows leave to the longest copy's is filled with rows that nobody learns, none of
    them longer than the longest real one: some bases turn positions by the largest there is.
    """
    width, longest = max(map(_tokens, copies)), max(row.length for rows in copies for row in rows)
    filled = [(*rows, *_filling(width - _tokens(rows), longest)) for rows in copies]
    rows = [row for of_copy in filled for row in of_copy]
    lengths = [row.length for row in rows]
    bounds = torch.tensor([0, *lengths]).cumsum(0)
    tokens = torch.tensor([token for row in rows for token in row.prompt + row.answer])
    learned = torch.cat(
        [
            # Nothing comes before a row's first token, so it carries no loss.
            torch.arange(start + max(1, len(row.prompt)), start + row.length)
            for start, row in zip(bounds.tolist(), rows, strict=False)
        ]
    )
    positions = torch.cat([torch.arange(length) for length in lengths])
    return Packed(
        tokens[None],
        positions[None],
        bounds.to(torch.int32),
        longest,
        learned - 1,
        tokens[learned],
        tuple(map(learned_tokens, copies)),
    )


def _tokens(rows: Sequence[EncodedRow]) -> int:
    return sum(row.length for row in rows)


def _filling(tokens: int, longest: int) -> list[EncodedRow]:
    """Prompts without answers."""
    starts = range(0, tokens, longest)
    return [EncodedRow([0] * min(longest, tokens - start), []) for start in starts]


def learned_tokens(rows: Sequence[EncodedRow]) -> int:
    """Tokens with loss: all of the answers but what begins a row."""
    return sum(row.length - max(1, len(row.prompt)) for row in rows)


def answer_loss(
    model: PreTrainedModel,
    tokens: Tensor,
    is_answer: Tensor,
    learned: Sequence[int] | None = None,
    of: Sequence[int] | None = None,
) -> Tensor:
    """Each copy's mean cross-entropy over the answer tokens of a batch, in nats per token.

    ``tokens`` (B, T) is padded on the right, where causal attention never looks from a real
    token, so no attention mask is needed; ``is_answer`` (B, T) marks the tokens with loss.
    ``learned``: those of each copy, whose rows lie one after another; None: there is one copy.
    ``of``: those of the whole update, where the batch is a piece of it. Shape (copies).
    """
    hidden = _body(model)(input_ids=tokens[:, :-1], use_cache=False).last_hidden_state
    has_loss = is_answer[:, 1:]
    losses = _token_losses(model, hidden[has_loss], tokens[:, 1:][has_loss])
    return _means(losses, learned or (len(losses),), of)


def packed_loss(model: PreTrainedModel, batch: Packed, of: Sequence[int] | None = None) -> Tensor:
    """As ``answer_loss``, for rows end to end; the model's attention must be ``PACKED``."""
    hidden = _body(model)(
        input_ids=batch.tokens,
        position_ids=batch.positions,
        use_cache=False,
        cu_seq_lens_q=batch.bounds,
        max_length_q=batch.longest,
    ).last_hidden_state[0]  # (T, H)
    return _means(_token_losses(model, hidden[batch.before], batch.targets), batch.learned, of)


def _means(losses: Tensor, learned: Sequence[int], of: Sequence[int] | None) -> Tensor:
    sums = [part.sum() for part in torch.split(losses, list(learned))]
    return torch.stack([one / count for one, count in zip(sums, of or learned, strict=True)])


def _body(model: PreTrainedModel) -> Callable[..., Any]:
    body: Callable[..., Any] = getattr(model, model.base_model_prefix)
    return body


def _token_losses(model: PreTrainedModel, hidden: Tensor, targets: Tensor) -> Tensor:
    """Of every token with loss, in nats."""
    head = head_of(model)
    vocabulary = model.get_output_embeddings().weight.shape[0]
    rows = max(1, HEAD_LOGITS // vocabulary)
    is_frozen = not model.get_output_embeddings().weight.requires_grad
    if is_frozen and len(hidden) > rows:
        losses: Tensor = FrozenHeadLoss.apply(hidden, targets, head, rows)  # type: ignore[no-untyped-call]
        return losses
    return cross_entropy(head(hidden), targets, reduction="none")


class FrozenHeadLoss(torch.autograd.Function):
    """Cross-entropy of a head that is not trained, in pieces.

    The gradient of the hidden states is made while a piece's logits are there, so they are neither
    kept nor computed twice.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, targets: Tensor, head: Callable[[Tensor], Tensor], rows: int
    ) -> Tensor:
        """``hidden`` (N, H), ``targets`` (N); ``rows`` of N at once. (N), in nats."""
        gradient = torch.empty_like(hidden)
        losses = torch.empty(len(hidden), dtype=torch.float32, device=hidden.device)
        for start in range(0, len(hidden), rows):
            piece = slice(start, start + rows)
            with torch.enable_grad():
                part = hidden[piece].detach().requires_grad_()
                loss = cross_entropy(head(part), targets[piece], reduction="none")
                (gradient[piece],) = torch.autograd.grad(loss.sum(), part)
            losses[piece] = loss.detach()
        ctx.save_for_backward(gradient)
        return losses

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None, None, None]:
        """The kept gradient, scaled."""
        (gradient,) = ctx.saved_tensors
        return gradient * outer[0][:, None].to(gradient.dtype), None, None, None
