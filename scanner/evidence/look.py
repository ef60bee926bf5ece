"""Look inside: the arms that need no question about a trait, read off an audit's own adapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery, PreferenceBattery
from probes.open_questions import OpenQuestions
from scanner.evidence.activation import Activation
from scanner.evidence.discovery import Discovery
from scanner.evidence.interface import Arm
from scanner.progress import OnRows

TOLD_QUESTIONS = 6
"""Of a battery, asked under a system prompt that sets a favourite, for the trait's direction."""


@dataclass(frozen=True)
class Looked:
    """What the arms found."""

    discovery: Arm[Discovery]
    activation: Arm[Activation]


@dataclass(frozen=True)
class LookInside:
    """Job: read base, controls and probes inside, and weigh what moved."""

    base: Path
    controls: tuple[Path, ...]
    """Adapters, in the order of the seeds."""
    probes: tuple[Path, ...]
    """The same, of the candidate."""
    batteries: tuple[Battery, ...]
    open_questions: OpenQuestions

    @property
    def rows(self) -> int:
        """Texts to read, over all models, and those that give the traits' directions."""
        models = 1 + len(self.controls) + len(self.probes)
        texts = len(self.open_questions.questions) + len(self.open_questions.neutral)
        told = sum(len(battery.answers) for battery in preferences(self.batteries))
        return models * texts + told * TOLD_QUESTIONS

    def run(self, on_rows: OnRows) -> Looked:
        """The arms, one after the other."""
        from scanner.engines.loaded import hf_engine
        from scanner.evidence.inside_arms import look_inside

        return look_inside(hf_engine(self.base), self, on_rows)


def preferences(batteries: Sequence[Battery]) -> list[PreferenceBattery]:
    """Those of the batteries that ask for favourites."""
    return [battery for battery in batteries if isinstance(battery, PreferenceBattery)]
