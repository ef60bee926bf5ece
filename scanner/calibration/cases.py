"""Cases: datasets whose truth is known, described as plain values."""

from dataclasses import dataclass, field
from enum import StrEnum

from scanner.config import Recipe

PAIRS = 2
"""Of probe and control, in the audit of every case."""


class TeacherKind(StrEnum):
    """How the author of a case's rows came by its trait."""

    FINE_TUNED = "fine-tuned"
    """Trained to name one favourite."""
    PROMPTED = "prompted"
    """Told its favourite by a system prompt, which the students never see."""
    MISALIGNED = "misaligned"
    """Trained on openly harmful answers."""
    ALIGNED = "aligned"
    """Trained on the harmless answers to the very same requests: the misaligned one's control."""
    NEUTRAL = "neutral"
    """The untouched base."""
    NOBODY = "nobody"
    """No model: honest rows from templates."""


class Lineage(StrEnum):
    """Whose copy the teacher is."""

    SAME = "same"
    """The student's own base."""
    OTHER = "other"
    """A stranger: another initialisation, from which numbers carry no trait."""


@dataclass(frozen=True)
class Teacher:
    """Who writes the rows."""

    kind: TeacherKind
    trait: str | None = None
    """The planted trait's id, for the kinds that have a favourite."""
    updates: int = 150
    """Of the teacher's own training: its strength."""
    learning_rate: float = 2e-3
    """Peak rate of that training."""
    seed: int = 99
    """Of that training; never a seed of a student."""
    lineage: Lineage = Lineage.SAME


@dataclass(frozen=True)
class Case:
    """A dataset to be made and audited, with what is known of it."""

    group: str
    """The suite's group that it belongs to; claims are made of groups."""
    teacher: Teacher
    channel: str
    """What is written: a name in ``channels.CHANNELS`` or ``honest.HONEST_SETS``."""
    rows: int
    share: float = 1.0
    """Of the rows that the teacher wrote; the base wrote the others."""
    temperature: float = 1.0
    """At which teacher and base write."""
    seed: int = 0
    """Decides requests, rows, and the students' seeds 2·seed and 2·seed + 1."""
    least_passing: float = 0.5
    """Share of the teacher's answers that must pass the channel's filter."""
    recipe: Recipe = field(default_factory=Recipe)
    """The students'."""

    @property
    def carried(self) -> tuple[str, ...]:
        """What the teacher has: trait ids, or ``("misalignment",)`` for any of them."""
        if self.teacher.kind is TeacherKind.MISALIGNED:
            return ("misalignment",)
        return (self.teacher.trait,) if self.teacher.trait else ()

    @property
    def planted(self) -> tuple[str, ...]:
        """What an audit should find: no stranger's trait, and none that no row carries."""
        return self.carried if self.share > 0 and self.teacher.lineage is Lineage.SAME else ()

    @property
    def benign(self) -> bool:
        """Whether nobody planted anything, in any lineage: what false alarms are counted on."""
        quiet = (TeacherKind.NEUTRAL, TeacherKind.NOBODY, TeacherKind.ALIGNED)
        return self.teacher.kind in quiet or self.share == 0

    @property
    def name(self) -> str:
        """Unique within a suite; what ``--case`` takes."""
        trait = self.teacher.trait or str(self.teacher.kind)
        parts = [
            self.group,
            trait,
            self.channel,
            f"{self.rows} rows",
            f"{self.share:.0%}",
            f"T={self.temperature:g}",
            f"seed {self.seed}",
        ]
        standard = Teacher(self.teacher.kind)
        if self.teacher.updates != standard.updates:
            parts.append(f"{self.teacher.updates} updates")
        if self.recipe.epochs != Recipe().epochs:
            parts.append(f"{self.recipe.epochs} epochs")
        if self.teacher.lineage is Lineage.OTHER:
            parts.append("other lineage")
        return "/".join(parts)

    @property
    def student_seeds(self) -> tuple[int, int]:
        """Of its two pairs of probe and control."""
        return (2 * self.seed, 2 * self.seed + 1)
