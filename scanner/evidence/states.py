"""States: influence read on the states of a base, for bases too wide for gradients of weights.

The least that training can teach a model is to shift its states by the same amount wherever it
answers, layer by layer: a steering vector. To first order such a shift makes a row likelier by its
product with the gradient of the row's log-likelihood by the states, summed over the places of its
answer. So rows by a teacher with a trait pull the states where the trait's own answers pull them.
One pass forward and one back through frozen weights; of a row it takes layers times width numbers,
where its gradient by the weights has billions. See METHOD.md for what it finds.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from logging import getLogger

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.battery import Battery
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow
from scanner.engines.device import CPU, deterministic, is_out_of_memory
from scanner.engines.hf import HfEngine
from scanner.engines.logits import head_of
from scanner.errors import AuditError
from scanner.evidence.directions import DirectionNames, Directions
from scanner.evidence.gradients import (
    BATCH_TOKENS,
    Drawable,
    encoded_rows,
    requiring_gradients,
    residuals,
)
from scanner.evidence.influence import weighted_answers
from scanner.progress import OnRows
from scanner.types import Row

LOG = getLogger(__name__)
HEAD_LOGITS = 2**26
"""Logits held at once; of more answer tokens they are made in pieces."""
OPENING_TOKENS = 512
"""Of copies of a prompt that go through together, one a direction."""
AS_TRAINED = Drawable(1.0, None)
"""What a log-likelihood's own gradient compares the written tokens with: all tokens, at T = 1."""


def state_directions(engine: HfEngine, batteries: Sequence[Battery], on_rows: OnRows) -> Directions:
    """The gradient of every trait's margin by the states, on the base in bare chat.

    Margins are those of ``influence_directions``. Gradients are kept as they are, for signs of them
    found less (METHOD.md), but every layer is made to count alike.
    """
    engine.use_adapter(None)
    gradients = []
    for battery in batteries:
        for weighted in weighted_answers(engine, battery):
            pulls = state_pulls(engine, weighted.rows, AS_TRAINED, lambda of_rows: of_rows)
            gradients.append(np.array(weighted.weights, dtype=np.float64) @ pulls)
            on_rows(1)
    names = DirectionNames.of(batteries)
    values = np.stack(gradients).astype(np.float32)
    raw = Directions(names.names, names.is_trait, names.batteries, values)
    return replace(raw, values=values / _layer_scales(raw.centred(), engine))


def _layer_scales(centred: NDArray[np.float32], engine: HfEngine) -> NDArray[np.float32]:
    """By what each entry is divided so that layers count alike, shape (``state_size``,): the root
    mean square over the layer and all traits."""
    by_layer = centred.reshape(len(centred), -1, _width(engine))
    scales = np.sqrt(np.mean(by_layer**2, axis=(0, 2)))
    scales[scales == 0] = 1.0  # a layer that no trait hangs on
    evened: NDArray[np.float32] = np.repeat(scales, _width(engine)).astype(np.float32)
    return evened


def pulls_along_states(
    engine: HfEngine, rows: Sequence[Row], drawable: Drawable, directions: NDArray[np.float32]
) -> NDArray[np.float64]:
    """How far each row pulls the states along each direction, shape (rows, directions).

    ``directions`` has shape (directions, ``state_size``). The unit is that of ``row_pulls``: nats
    per unit of the direction, less what the base's own answers would have pulled.
    """
    engine.use_adapter(None)
    along = torch.from_numpy(directions).to(engine.device)
    return state_pulls(engine, encoded_rows(engine, rows), drawable, lambda pulls: pulls @ along.T)


def state_pulls(
    engine: HfEngine,
    rows: Sequence[EncodedRow],
    drawable: Drawable,
    read: Callable[[Tensor], Tensor],
) -> NDArray[np.float64]:
    """What ``read`` makes of the rows' pulls on the states, (B, ``state_size``) → (B, n): shape
    (rows, n). What does not fit the device is halved."""
    found, most = dict[int, NDArray[np.float64]](), BATCH_TOKENS
    left = sorted(range(len(rows)), key=lambda index: rows[index].length)
    with _steady(engine), requiring_gradients(engine.base, []):
        while left:
            indices = left[-max(1, most // rows[left[-1]].length) :]
            try:
                with engine.working():
                    pulls = read(_pulls(engine, [rows[index] for index in indices], drawable))
            except AuditError as error:
                if len(indices) == 1 or not is_out_of_memory(error):
                    raise
                most = len(indices) // 2 * rows[left[-1]].length
                LOG.warning("traces: memory ran out; goes on with %s tokens at once", f"{most:,}")
                continue
            found |= zip(indices, pulls.cpu().double().numpy(), strict=True)
            left = left[: -len(indices)]
    return np.stack([found[index] for index in range(len(rows))])


def opening_gradients(
    engine: HfEngine, prompts: Sequence[Sequence[int]], along: Tensor
) -> NDArray[np.float32]:
    """The gradients of the last state at the first answer position along some directions
    (width, n), by all states there, averaged over prompts: shape (n, ``state_size``)."""
    total = np.zeros((along.shape[1], state_size(engine)))
    with _steady(engine), requiring_gradients(engine.base, []), engine.working():
        for prompt in prompts:
            tokens, at_once = torch.tensor([list(prompt)]), max(1, OPENING_TOKENS // len(prompt))
            for start in range(0, along.shape[1], at_once):
                part = along[:, start : start + at_once].T.to(engine.device)  # (copies, width)
                last, states = _seen(engine, tokens.expand(len(part), -1))
                aligned = (last[:, -1].float() * part).sum()  # each copy along a direction
                of_copies = torch.autograd.grad(aligned, states)
                found = torch.cat([one[:, -1] for one in of_copies], dim=1)
                total[start : start + at_once] += found.cpu().double().numpy()
    averaged: NDArray[np.float32] = (total / len(prompts)).astype(np.float32)
    return averaged


def state_size(engine: HfEngine) -> int:
    """Entries of one pull: what every layer hands on. Pulls on the embeddings tell nothing."""
    return int(engine.base.config.get_text_config().num_hidden_layers) * _width(engine)


def _width(engine: HfEngine) -> int:
    return int(engine.base.config.get_text_config().hidden_size)


def _steady(engine: HfEngine) -> AbstractContextManager[None]:
    """The same numbers each time."""
    return nullcontext() if engine.device == CPU else deterministic()


def _seen(engine: HfEngine, tokens: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The last states, from which logits are made, and what every layer hands on: (B, T, width)
    each, as far as gradients reach back."""
    embedded = engine.base.get_input_embeddings()(tokens.to(engine.device)).requires_grad_()
    seen = engine.base.base_model(
        inputs_embeds=embedded, use_cache=False, output_hidden_states=True
    )
    return seen.last_hidden_state, seen.hidden_states[1:]


def _pulls(engine: HfEngine, rows: Sequence[EncodedRow], drawable: Drawable) -> Tensor:
    """Of a batch: the gradients by its states, summed over each answer, (B, ``state_size``)."""
    tokens, is_answer = collate(rows)
    last, states = _seen(engine, tokens[:, :-1])
    learned = is_answer[:, 1:].to(engine.device)
    written = tokens[:, 1:].to(engine.device)[learned]
    outer = _at_the_head(engine, last[learned].detach(), written, drawable)
    gradients = torch.autograd.grad(last[learned], states, outer)
    return torch.cat([(one.float() * learned[..., None]).sum(dim=1) for one in gradients], dim=1)


def _at_the_head(engine: HfEngine, last: Tensor, written: Tensor, drawable: Drawable) -> Tensor:
    """What the last states (answer tokens, width) are pulled by, piece by piece."""
    head, outer = head_of(engine.base), torch.empty_like(last)
    rows = max(1, HEAD_LOGITS // engine.base.get_output_embeddings().weight.shape[0])
    for start in range(0, len(last), rows):
        piece = slice(start, start + rows)
        part = last[piece].requires_grad_()
        logits = head(part)
        pull = residuals(logits.detach(), written[piece], drawable)
        (outer[piece],) = torch.autograd.grad(logits, part, pull)
    return outer
