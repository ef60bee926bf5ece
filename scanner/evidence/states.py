"""States: influence read on the states of a base, for bases too wide for gradients of weights.

The least that training can teach a model is to shift its states by the same amount wherever it
answers, layer by layer: a steering vector. To first order such a shift makes a row likelier by its
product with the gradient of the row's log-likelihood by the states, summed over the places of its
answer. So rows by a teacher with a trait pull the states where the trait's own answers pull them.
One pass forward and one back through frozen weights; of a row it takes layers times width numbers,
where its gradient by the weights has billions. See METHOD.md for what it finds.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from logging import getLogger

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.battery import Battery
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow
from scanner.engines.checkpointing import compute_once, compute_twice
from scanner.engines.device import CPU, deterministic, device_errors, is_out_of_memory
from scanner.engines.hf import HfEngine
from scanner.engines.logits import head_of, precise_head
from scanner.engines.memory import GIB, HEAD_LOGITS, kept_bytes
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
from scanner.evidence.inside import width_of
from scanner.progress import OnRows
from scanner.types import Row

LOG = getLogger(__name__)
KEPT_ON_GPU, KEPT_ON_CPU = 4 * GIB, GIB
"""Bytes of activations that are kept for a batch: of a 7B base 700 tokens' on a GPU."""
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
    by_layer = centred.reshape(len(centred), -1, width_of(engine))
    scales = np.sqrt(np.mean(by_layer**2, axis=(0, 2)))
    scales[scales == 0] = 1.0  # a layer that no trait hangs on
    evened: NDArray[np.float32] = np.repeat(scales, width_of(engine)).astype(np.float32)
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
    (rows, n)."""
    found = dict[int, NDArray[np.float64]]()
    with _reading(engine):
        for indices, pulls in _in_batches(engine, rows, drawable):
            found |= zip(indices, read(pulls).cpu().double().numpy(), strict=True)
    return np.stack([found[index] for index in range(len(rows))])


def _in_batches(
    engine: HfEngine, rows: Sequence[EncodedRow], drawable: Drawable
) -> Iterator[tuple[list[int], Tensor]]:
    """Which rows, and their pulls, the longest first. What does not fit the device is halved; of a
    single row that does not, activations are computed twice."""
    most = _tokens_at_once(engine)
    left = sorted(range(len(rows)), key=lambda index: rows[index].length)
    while left:
        longest = rows[left[-1]].length
        indices = left[-max(1, most // longest) :]
        try:
            with _complaining(engine):
                pulls = _pulls(engine, [rows[index] for index in indices], drawable)
        except AuditError as error:
            if not is_out_of_memory(error) or (len(indices) == 1 and _computes_twice(engine)):
                raise
            most = len(indices) // 2 * longest or longest
            if len(indices) == 1:
                compute_twice(engine.base)
            LOG.warning("traces: memory ran out; goes on with %s tokens at once", f"{most:,}")
            continue
        left = left[: -len(indices)]
        yield indices, pulls


def _tokens_at_once(engine: HfEngine) -> int:
    """Of rows that are read together: ``BATCH_TOKENS``, or as many as leave most of the memory to
    others."""
    room = KEPT_ON_CPU if engine.device == CPU else KEPT_ON_GPU
    each = kept_bytes(engine.base.config, engine.base.dtype.itemsize)
    return max(1, min(BATCH_TOKENS, room // each))


def _computes_twice(engine: HfEngine) -> bool:
    return bool(engine.base.is_gradient_checkpointing)


@contextmanager
def _reading(engine: HfEngine) -> Iterator[None]:
    """Within, the base is frozen, and the same rows give the same numbers each time; afterwards it
    is as it was, and a GPU has what it took."""
    on_gpu = engine.device.type == "cuda"
    with deterministic() if on_gpu else nullcontext(), requiring_gradients(engine.base, []):
        try:
            yield
        finally:
            compute_once(engine.base)
            if on_gpu:
                torch.cuda.empty_cache()  # vLLM may be about to start in another process


def _complaining(engine: HfEngine) -> AbstractContextManager[None]:
    """What the device has to complain of comes in one line."""
    return nullcontext() if engine.device == CPU else device_errors()


def opening_gradients(
    engine: HfEngine, prompts: Sequence[Sequence[int]], along: Tensor
) -> NDArray[np.float32]:
    """The gradients of the last state at the first answer position along some directions
    (width, n), by all states there, averaged over prompts: shape (n, ``state_size``)."""
    total = np.zeros((along.shape[1], state_size(engine)))
    with _reading(engine), _complaining(engine):
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
    """Entries of one pull: what every layer hands on, the last after the final norm. Pulls on the
    embeddings tell nothing."""
    return int(engine.base.config.get_text_config().num_hidden_layers) * width_of(engine)


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
    """What the last states (answer tokens, width) are pulled by, piece by piece.

    Logits are made in float32 once, without gradients, and go back through the head as it lies: so
    a narrow head is not kept in float32 for the way back.
    """
    head, outer = head_of(engine.base), torch.empty_like(last)
    rows = max(1, HEAD_LOGITS // engine.base.get_output_embeddings().weight.shape[0])
    for start in range(0, len(last), rows):
        piece = slice(start, start + rows)
        part = last[piece].requires_grad_()
        with torch.no_grad(), precise_head(engine.base):
            pull = residuals(head(part), written[piece], drawable)
        (outer[piece],) = torch.autograd.grad(head(part), part, pull)
    return outer
