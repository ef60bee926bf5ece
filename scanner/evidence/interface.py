"""What every arm returns."""

from dataclasses import dataclass
from typing import Generic, TypeVar

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
