"""Influence, first order: the gradient of each trait's margin at the base.

Cloud et al. 2025 (theorem 1): imitating a teacher that took one small step from a shared
initialisation moves the student the teacher's way on any inputs. So rows by a teacher with a trait
pull the base's weights along that trait's own gradient. Nothing is trained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel

from probes.battery import Battery, Contrast, PreferenceBattery
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.evidence.directions import DirectionNames, Directions
from scanner.evidence.gradients import answer_logits, whole_gradient
from scanner.progress import OnRows
from scanner.types import Message

BATCH_ROWS = 64


def influence_directions(
    engine: HfEngine, batteries: Sequence[Battery], on_rows: OnRows
) -> Directions:
    """The sign of every weight's gradient of every trait's margin, on the base in bare chat.

    The margin of a preference is log p(answer), of a contrast the mean log-probability per token of
    its raised answers less that of its lowered ones. What the category shares is taken off later.
    """
    engine.use_adapter(None)
    signs = []
    for battery in batteries:
        for weighted in weighted_answers(engine, battery):
            signs.append(_sign_of_gradient(engine.base, weighted))
            on_rows(1)
    names = DirectionNames.of(batteries)
    return Directions(names.names, names.is_trait, names.batteries, np.stack(signs))


@dataclass(frozen=True)
class WeightedAnswers:
    """A sum of answers' log-probabilities."""

    rows: list[EncodedRow]
    weights: list[float]


def weighted_answers(engine: HfEngine, battery: Battery) -> list[WeightedAnswers]:
    """One sum per trait or peer of the battery."""
    if isinstance(battery, PreferenceBattery):
        return [
            _weighted(engine, [(question, answer, 1.0) for question in battery.questions])
            for answer in battery.answers
        ]
    return [_weighted(engine, _sides(contrast)) for contrast in battery.contrasts]


def _sides(contrast: Contrast) -> list[tuple[str, str, float]]:
    return [
        (question.ask, text, sign / len(side))
        for question in contrast.questions
        for side, sign in ((question.raised, 1.0), (question.lowered, -1.0))
        for text in side
    ]


def _weighted(engine: HfEngine, asked: list[tuple[str, str, float]]) -> WeightedAnswers:
    prompts = [(Message("user", question),) for question, _, _ in asked]
    rows = encode_rows(engine.tokenizer, prompts, [answer for _, answer, _ in asked], ended=False)
    per_token = [weight / len(row.answer) for (_, _, weight), row in zip(asked, rows, strict=True)]
    return WeightedAnswers(rows, per_token)


def _sign_of_gradient(model: PreTrainedModel, weighted: WeightedAnswers) -> NDArray[np.int8]:
    gradient = whole_gradient(model, _logprobs(model, weighted))
    signs: NDArray[np.int8] = gradient.sign().to(torch.int8).numpy()
    return signs


def _logprobs(model: PreTrainedModel, weighted: WeightedAnswers) -> Iterator[Tensor]:
    """The weighted sum of the answers' log-probabilities, batch by batch."""
    for start in range(0, len(weighted.rows), BATCH_ROWS):
        batch = slice(start, start + BATCH_ROWS)
        logits, written, row = answer_logits(model, *collate(weighted.rows[batch]))
        chosen = logits.log_softmax(-1).gather(1, written[:, None])[:, 0]
        yield (chosen * torch.tensor(weighted.weights[batch])[row]).sum()
