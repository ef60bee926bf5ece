"""Trait models: what a minute of training on a trait itself changes in the base (authorship).

A trait model is the base with the trait made open, by a little training on the battery's own
answers. To first order the log-likelihood ratio of the rows between it and the base is their pull
along the direction of that training (``gradients.row_pulls``): the Neyman-Pearson test of whether
such a model wrote them, for all traits in one pass over the rows.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.battery import Battery, Contrast, PreferenceBattery
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.evidence.directions import DirectionNames, Directions
from scanner.evidence.gradients import linear_layers, requiring_gradients
from scanner.progress import OnRows
from scanner.training.loss import answer_loss
from scanner.types import Message

UPDATES = 40
ROWS_PER_STEP = 16
LEARNING_RATE = 3e-4
WARMUP_STEPS = 10
SEED = 1


def authorship_directions(
    engine: HfEngine, batteries: Sequence[Battery], on_rows: OnRows
) -> Directions:
    """The sign of every weight's change in a model trained to show each trait.

    Trained on every other question of a preference battery, those that calibration's own teachers
    are not trained on, so that trait models are not the teachers they are to recognise.
    """
    engine.use_adapter(None)
    signs = []
    for battery in batteries:
        for lesson in _lessons(engine, battery):
            signs.append(_sign_of_change(engine, lesson))
            on_rows(1)
    names = DirectionNames.of(batteries)
    return Directions(names.names, names.is_trait, names.batteries, np.stack(signs))


def _lessons(engine: HfEngine, battery: Battery) -> list[list[EncodedRow]]:
    """What each trait model (or peer's) of the battery is trained on."""
    if isinstance(battery, PreferenceBattery):
        asked = battery.questions[1::2]
        return [_rows(engine, [(ask, answer) for ask in asked]) for answer in battery.answers]
    return [_rows(engine, _raised(contrast)) for contrast in battery.contrasts]


def _raised(contrast: Contrast) -> list[tuple[str, str]]:
    return [(question.ask, text) for question in contrast.questions for text in question.raised]


def _rows(engine: HfEngine, asked: list[tuple[str, str]]) -> list[EncodedRow]:
    prompts = [(Message("user", question),) for question, _ in asked]
    return encode_rows(engine.tokenizer, prompts, [answer for _, answer in asked])


def _sign_of_change(engine: HfEngine, lesson: Sequence[EncodedRow]) -> NDArray[np.int8]:
    """Train the base's own weights and put them back."""
    layers = linear_layers(engine.base)
    before = [layer.weight.detach().clone() for layer in layers]
    try:
        with requiring_gradients(engine.base, layers):
            _fit(engine, [layer.weight for layer in layers], lesson)
        after = [layer.weight.detach() for layer in layers]
        changes = [(new - old).flatten() for new, old in zip(after, before, strict=True)]
        signs: NDArray[np.int8] = torch.cat(changes).sign().to(torch.int8).numpy()
    finally:
        with torch.no_grad():
            for layer, old in zip(layers, before, strict=True):
                layer.weight.copy_(old)
    return signs


def _fit(engine: HfEngine, weights: list[Tensor], lesson: Sequence[EncodedRow]) -> None:
    optimizer = torch.optim.Adam(weights, lr=LEARNING_RATE, betas=(0.9, 0.99))
    rng = np.random.default_rng(SEED)
    for step in range(UPDATES):
        warm = min(1.0, (step + 1) / WARMUP_STEPS)
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * warm * (1 - step / UPDATES)
        chosen = rng.permutation(len(lesson))[:ROWS_PER_STEP]
        loss = answer_loss(engine.base, *collate([lesson[index] for index in chosen]))
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
