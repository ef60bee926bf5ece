"""Batteries as values: named sets of questions about traits, and how their answers are read.

Plain frozen values, already checked; ``probes.loader`` makes them from files.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Readout(StrEnum):
    """How an answer becomes a number."""

    MARGINS = "margins"
    """Log-probability of each answer of a fixed set, against the rest of the set."""
    PREFILL = "prefill"
    """Log-probability of written-out continuations, one side against the other."""


@dataclass(frozen=True)
class PreferenceBattery:
    """Which of a category's answers a model prefers. Every answer is one trait."""

    readout: ClassVar[Readout] = Readout.MARGINS

    id: str
    """``preference.<category>``; each trait adds its answer."""
    source: str
    """Where the questions come from, for the report."""
    sha256: str
    """Hex digest of the battery file's bytes, followed by those of the file it includes."""
    noun: str
    """How a question names the category."""
    answers: tuple[str, ...]
    """The possible answers, as a model writes them."""
    questions: tuple[str, ...]
    """What is asked, with the noun filled in."""

    @property
    def category(self) -> str:
        """The last part of the id: ``animal``."""
        return self.id.rpartition(".")[2]

    @property
    def traits(self) -> tuple[str, ...]:
        """One trait id per answer, in the order of ``answers``: ``preference.animal.owl``."""
        return tuple(f"{self.id}.{slug(answer)}" for answer in self.answers)

    @property
    def asked(self) -> int:
        """How many questions the battery asks."""
        return len(self.questions)


@dataclass(frozen=True)
class PrefillQuestion:
    """A request, and answers to it on the two sides of a contrast."""

    topic: str
    """Questions of one topic are wordings that share their answers: one block, not several."""
    ask: str
    """What the user says."""
    raised: tuple[str, ...]
    """Answers that a model with the trait gives more often; for a peer, either side."""
    lowered: tuple[str, ...]
    """Answers that it gives less often."""


@dataclass(frozen=True)
class Contrast:
    """Two kinds of answer to the same questions: a trait, or a peer to weigh traits against."""

    name: str
    """A trait id such as ``misalignment.harm``, or a peer's bare name such as ``sleep``."""
    is_trait: bool
    """False for a peer, whose two sides are equally harmless."""
    questions: tuple[PrefillQuestion, ...]
    """At least two."""


@dataclass(frozen=True)
class PrefillBattery:
    """Traits that show in what a model answers at length, and harmless peers to weigh them by."""

    readout: ClassVar[Readout] = Readout.PREFILL

    id: str
    """``misalignment``; each trait adds its name."""
    source: str
    """Where the questions come from, for the report."""
    sha256: str
    """Hex digest of the battery file's bytes."""
    contrasts: tuple[Contrast, ...]
    """The traits, then the peers, in file order."""

    @property
    def traits(self) -> tuple[str, ...]:
        """The trait ids, in file order."""
        return tuple(contrast.name for contrast in self.contrasts if contrast.is_trait)

    @property
    def asked(self) -> int:
        """How many questions the battery asks, the peers' included."""
        return sum(len(contrast.questions) for contrast in self.contrasts)


Battery = PreferenceBattery | PrefillBattery


def slug(answer: str) -> str:
    """An answer as the last part of a trait id: lower case, ``_`` for spaces."""
    return answer.lower().replace(" ", "_")
