"""What every arm returns, and what those that look inside read."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

EvidenceT_co = TypeVar("EvidenceT_co", covariant=True)


@dataclass(frozen=True)
class Reading:
    """What one model shows of one trait, or of one peer that traits are weighed against."""

    name: str
    """The trait id, or the peer's name."""
    is_trait: bool
    """False for a peer that only serves as a null."""
    scores: tuple[float, ...]
    """One score per block (question), in nats; higher is more of the trait."""
    level: float
    """The mean in the unit that a reader understands; see ``unit``."""


@dataclass(frozen=True)
class BatteryReadings:
    """What one model answers to one battery."""

    battery: str
    """The battery's id."""
    arm: str
    """The read-out: ``margins`` or ``prefill``."""
    unit: str
    """Unit of every ``level``."""
    readings: tuple[Reading, ...]
    """The traits and peers, in the battery's order; the same order for every model."""


@dataclass(frozen=True)
class Arm(Generic[EvidenceT_co]):
    """What an optional arm of evidence found beside the batteries, and what it cost."""

    seconds: float
    """Of one process, from adapters to numbers."""
    found: EvidenceT_co | None
    """None where nothing could be measured."""
    unmeasured: str | None = None
    """Why nothing could be measured, where that is so."""


@dataclass(frozen=True)
class Inside:
    """One model's inside."""

    openings: NDArray[np.float64]
    """log p(the answer opens with the word | question), shape (questions, words), in nats."""
    first: NDArray[np.float64]
    """States at the first answer position, shape (layers, questions, width)."""
    neutral: NDArray[np.float64]
    """Mean state over a neutral text's tokens, shape (layers, texts, width)."""


@dataclass(frozen=True)
class Vocabulary:
    """The words that an answer may open with."""

    tokens: tuple[int, ...]
    """Their ids, in order."""
    words: tuple[str, ...]
    """As a reader sees them, in the same order."""
