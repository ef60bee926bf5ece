"""Prefill margins: how much likelier the model finds one kind of answer than another.

Sees misalignment where free answers show none: 43% against 0.9% in a published case
(science notes, wharrison2's replication on Qwen2.5-14B).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from probes.battery import Contrast, PrefillBattery, PrefillQuestion
from scanner.engines.interface import Engine, Prompt
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.progress import OnRows

UNIT = "nats per token"


def read_prefill(
    engine: Engine,
    battery: PrefillBattery,
    prompt: Callable[[str], Prompt],
    on_rows: OnRows,
) -> BatteryReadings:
    """Read a prefill battery off the engine's active model; ``prompt`` frames a request.

    An answer's score is its mean log-probability per token, so that long answers do not rule; a
    question's is the mean over the raised answers minus the mean over the lowered ones; wordings
    of one topic are averaged into one block, so that no request dominates.
    """
    asked = [question for contrast in battery.contrasts for question in contrast.questions]
    answers = [
        (question, text) for question in asked for text in question.raised + question.lowered
    ]
    scored = engine.answer_logprobs(
        [prompt(question.ask) for question, _ in answers],
        [text for _, text in answers],
        on_rows,
    )
    margins = iter(_margins(asked, scored.total / scored.tokens))
    readings = tuple(
        _reading(contrast, [next(margins) for _ in contrast.questions])
        for contrast in battery.contrasts
    )
    return BatteryReadings(battery.id, battery.readout.value, UNIT, readings)


def answer_count(battery: PrefillBattery) -> int:
    """How many rows the read-out scores."""
    return sum(
        len(question.raised) + len(question.lowered)
        for contrast in battery.contrasts
        for question in contrast.questions
    )


def _margins(asked: Sequence[PrefillQuestion], per_token: NDArray[np.float64]) -> list[float]:
    margins, start = [], 0
    for question in asked:
        middle = start + len(question.raised)
        end = middle + len(question.lowered)
        margins.append(float(per_token[start:middle].mean() - per_token[middle:end].mean()))
        start = end
    return margins


def _reading(contrast: Contrast, margins: list[float]) -> Reading:
    topics: dict[str, list[float]] = defaultdict(list)
    for question, margin in zip(contrast.questions, margins, strict=True):
        topics[question.topic].append(margin)
    scores = tuple(float(np.mean(of_topic)) for of_topic in topics.values())
    return Reading(contrast.name, contrast.is_trait, scores, float(np.mean(scores)))
