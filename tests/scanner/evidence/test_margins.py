import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from probes.battery import PreferenceBattery
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Prompt
from scanner.evidence.margins import read_margins
from scanner.progress import OnRows, unheard

BATTERY = PreferenceBattery(
    "preference.pet", "a test", "0" * 64, "pet", ("cat", "dog"), ("Q1", "Q2")
)


class FixedEngine(HfEngine):
    """Gives the probabilities it was made with, one row per question."""

    def __init__(self, probabilities: list[list[float]]) -> None:
        self.probabilities = np.array(probabilities)

    def opening_logprobs(
        self, prompts: Sequence[Prompt], candidates: Sequence[str], on_rows: OnRows = unheard
    ) -> NDArray[np.float64]:
        assert list(candidates) == ["cat", "dog"]
        return np.log(self.probabilities)


def test_margins_by_hand() -> None:
    # Question 1: p = 0.8, 0.2; mean log = (ln 0.8 + ln 0.2) / 2; margin of cat
    # = ln 0.8 - mean = ln(0.8 / 0.2) / 2 = ln 2 = 0.693. Question 2: equal, margin 0.
    engine = FixedEngine([[0.8, 0.2], [0.3, 0.3]])
    read = read_margins(engine, BATTERY, [(), ()], lambda rows: None)
    cat, dog = read.readings
    assert cat.scores == pytest.approx((math.log(2), 0.0))
    assert dog.scores == pytest.approx((-math.log(2), 0.0))
    assert (cat.level, dog.level) == pytest.approx((0.55, 0.25))  # means over the questions
    assert (cat.name, read.arm, read.unit) == ("preference.pet.cat", "margins", "probability")


def test_what_moves_every_answer_alike_cancels() -> None:
    scores = [
        read_margins(FixedEngine([[p, p / 4]]), BATTERY, [()], lambda rows: None).readings[0].scores
        for p in (0.8, 0.08)
    ]
    assert scores[0] == pytest.approx(scores[1])
