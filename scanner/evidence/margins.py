"""Candidate-set margins: how much more likely each answer of a category is than the others."""

import numpy as np

from probes.battery import PreferenceBattery
from scanner.engines.interface import Engine, Prompt
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.progress import OnRows

UNIT = "probability"


def read_margins(
    engine: Engine, battery: PreferenceBattery, prompts: list[Prompt], on_rows: OnRows
) -> BatteryReadings:
    """Read a preference battery off the engine's active model.

    Per question, an answer's score is log p(answer) minus the mean of log p over all answers of
    the category: it resolves a tenth of a nat where sampled answers show nothing, and what moves
    every answer alike cancels. ``level`` is the mean probability over the questions.
    """
    logprobs = engine.opening_logprobs(prompts, battery.answers, on_rows)  # (questions, answers)
    margins = logprobs - logprobs.mean(axis=1, keepdims=True)
    levels = np.exp(logprobs).mean(axis=0)  # (answers,)
    readings = tuple(
        Reading(trait, True, tuple(margins[:, column].tolist()), float(levels[column]))
        for column, trait in enumerate(battery.traits)
    )
    return BatteryReadings(battery.id, battery.readout.value, UNIT, readings)
