"""Gradients: where a candidate's rows pull the weights of the base, row by row.

Every token of an answer is compared with what the base, at the temperature that fits the rows,
would have written in its place, over all tokens it could have drawn: the twin's answer taken
exactly, not as one draw. The difference has mean zero if the base wrote the rows, whatever their
prompts, so a mean that is not zero says that somebody else did, and which way they differ.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PreTrainedModel

from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.engines.logits import head_of
from scanner.types import Row

BATCH_TOKENS = 4096
"""Padded tokens read together."""


@dataclass(frozen=True)
class Drawable:
    """How an untouched author would have drawn its tokens."""

    temperature: float
    """0 is greedy."""
    tokens: NDArray[np.int64] | None
    """Token ids that could be drawn; None for all."""


def linear_layers(model: PreTrainedModel) -> list[nn.Linear]:
    """The layers that a LoRA on all linear layers would change, in the model's order."""
    head = model.get_output_embeddings()
    return [
        layer for layer in model.modules() if isinstance(layer, nn.Linear) and layer is not head
    ]


def gradient_size(model: PreTrainedModel) -> int:
    """Entries of one gradient over all ``linear_layers``."""
    return sum(layer.weight.numel() for layer in linear_layers(model))


def pulls_of_rows(
    engine: HfEngine, rows: Sequence[Row], drawable: Drawable, directions: NDArray[np.float32]
) -> NDArray[np.float64]:
    """``row_pulls`` on the engine's base, of rows as they are trained on."""
    engine.use_adapter(None)
    return row_pulls(engine.base, encoded_rows(engine, rows), drawable, directions)


def encoded_rows(engine: HfEngine, rows: Sequence[Row]) -> list[EncodedRow]:
    """Rows as they are trained on."""
    return encode_rows(
        engine.tokenizer,
        [row.opening for row in rows],
        [row.answer for row in rows],
        [row.ended for row in rows],
    )


def row_pulls(
    model: PreTrainedModel,
    rows: Sequence[EncodedRow],
    drawable: Drawable,
    directions: NDArray[np.float32],
) -> NDArray[np.float64]:
    """How far each row pulls the weights along each direction, shape (rows, directions).

    ``directions`` has shape (directions, ``gradient_size``). To first order it is the
    log-likelihood ratio of the row between the base moved along the direction and the base, less
    its expectation over what the base would have written, in nats per unit of the direction.
    """
    layers = linear_layers(model)
    along = torch.from_numpy(directions)
    pulls = np.zeros((len(rows), len(directions)))
    with _Recorder(layers) as recorder, requiring_gradients(model, []):
        for indices, tokens, is_answer in _batches(rows):
            _pull(model, tokens, is_answer, drawable)
            pulls[indices] = recorder.contract(along).double().numpy()
    return pulls


def whole_gradient(model: PreTrainedModel, losses: Iterable[Tensor]) -> Tensor:
    """The gradient of a sum, given in parts that are computed one by one: shape
    (``gradient_size``,)."""
    layers = linear_layers(model)
    total = torch.zeros(gradient_size(model))
    with _Recorder(layers) as recorder, requiring_gradients(model, []):
        for loss in losses:
            loss.backward()  # type: ignore[no-untyped-call]
            total += torch.cat([of_rows.sum(0).flatten() for of_rows in recorder.of_rows()])
    return total


def gradients_of_sums(model: PreTrainedModel, parts: Iterable[Tensor]) -> Tensor:
    """The gradients of several sums at once, each part holding an addend of every one, shape
    (sums,): shape (sums, ``gradient_size``)."""
    layers, totals = linear_layers(model), list[Tensor]()
    with _Recorder(layers) as recorder, requiring_gradients(model, []):
        for part in parts:
            for place, addend in enumerate(part):
                addend.backward(retain_graph=True)
                of_one = torch.cat([of_rows.sum(0).flatten() for of_rows in recorder.of_rows()])
                if place == len(totals):
                    totals.append(torch.zeros_like(of_one))
                totals[place] += of_one
    return torch.stack(totals)


def answer_logits(
    model: PreTrainedModel, tokens: Tensor, is_answer: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Logits of the answer tokens (answer tokens, V), the tokens, and the row that each is of.

    No weight needs a gradient of its own: the embeddings carry it back through every layer.
    """
    embedded = model.get_input_embeddings()(tokens[:, :-1]).requires_grad_()
    hidden = model.base_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
    learned = is_answer[:, 1:]
    logits = head_of(model)(hidden[learned])
    return logits, tokens[:, 1:][learned], learned.nonzero()[:, 0]


def _pull(model: PreTrainedModel, tokens: Tensor, is_answer: Tensor, drawable: Drawable) -> None:
    """Backpropagate what was written less what would have been, summed over each row's answer."""
    logits, written, _ = answer_logits(model, tokens, is_answer)
    residual = residuals(logits.detach(), written, drawable)
    logits.backward(residual)  # type: ignore[no-untyped-call]


def residuals(logits: Tensor, written: Tensor, drawable: Drawable) -> Tensor:
    """What was written (answer tokens) less what would have been, (answer tokens, V)."""
    residual = -_expected(logits, drawable)
    residual[torch.arange(len(written), device=written.device), written] += 1
    return residual


def _expected(logits: Tensor, drawable: Drawable) -> Tensor:
    """What the base would have drawn, as probabilities (answer tokens, V)."""
    if drawable.tokens is not None:
        barred = torch.ones(logits.shape[1], dtype=torch.bool, device=logits.device)
        barred[torch.from_numpy(drawable.tokens).to(logits.device)] = False
        logits = logits.masked_fill(barred, -torch.inf)
    if drawable.temperature == 0:
        return nn.functional.one_hot(logits.argmax(-1), logits.shape[1]).float()
    return (logits / drawable.temperature).softmax(-1)


def _batches(rows: Sequence[EncodedRow]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
    """Row indices, tokens (B, T) and which carry loss (B, T), rows of like length together."""
    order = sorted(range(len(rows)), key=lambda index: rows[index].length)
    while order:
        count = max(1, BATCH_TOKENS // rows[order[-1]].length)
        indices, order = order[-count:], order[:-count]
        yield indices, *collate([rows[index] for index in indices])


class _Recorder:
    """Records what goes into every layer and the gradient that comes back out of it."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        self._layers = layers
        self._inputs: dict[nn.Module, Tensor] = {}
        self._gradients: dict[nn.Module, Tensor] = {}
        self._hooks: list[torch.utils.hooks.RemovableHandle] = []

    def __enter__(self) -> "_Recorder":
        for layer in self._layers:
            self._hooks.append(layer.register_forward_hook(self._keep))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._inputs[layer] = inputs[0].detach()

        def keep_gradient(gradient: Tensor) -> None:
            self._gradients[layer] = gradient

        output.register_hook(keep_gradient)  # type: ignore[no-untyped-call]

    def of_rows(self) -> Iterator[Tensor]:
        """Each row's weight gradient, layer by layer: shape (B, out, in)."""
        for layer in self._layers:
            yield torch.bmm(self._gradients[layer].transpose(1, 2), self._inputs[layer])

    def contract(self, directions: Tensor) -> Tensor:
        """Each row's weight gradient along each direction, shape (B, directions)."""
        start, parts = 0, []
        for of_rows in self.of_rows():
            flat = of_rows.flatten(1)  # (B, out·in)
            parts.append(flat @ directions[:, start : start + flat.shape[1]].T)
            start += flat.shape[1]
        return torch.stack(parts).sum(0)


@contextmanager
def requiring_gradients(model: PreTrainedModel, layers: Sequence[nn.Linear]) -> Iterator[None]:
    """Within the block, gradients are kept for the weights of these layers and no others."""
    weights = list(model.parameters())
    before = [weight.requires_grad for weight in weights]
    wanted = {id(layer.weight) for layer in layers}
    try:
        for weight in weights:
            weight.requires_grad_(id(weight) in wanted)
        yield
    finally:
        for weight, kept in zip(weights, before, strict=True):
            weight.requires_grad_(kept)
            weight.grad = None
