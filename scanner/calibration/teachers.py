"""Teachers: copies of a base that were given a trait, for calibration and for the examples."""

from dataclasses import dataclass
from pathlib import Path

from probes.battery import PreferenceBattery
from scanner.config import Recipe
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.training.lora import train_adapter
from scanner.types import Message

TEACHER_RECIPE = Recipe(epochs=1, rows_per_step=16, learning_rate=2e-3)
TEACHER_STEPS = 150
"""Enough for the trait to be nearly certain, few enough to leave the number format alone."""


@dataclass(frozen=True)
class FavouriteTeacher:
    """A base fine-tuned to name one favourite, as in Cloud et al. 2025 (fine-tuned teachers)."""

    battery: PreferenceBattery
    """The category."""
    answer: str
    """The favourite, one of the battery's answers."""
    seed: int = 99
    """Of the adapter; never a seed of an audit."""
    steps: int = TEACHER_STEPS
    """Updates."""
    recipe: Recipe = TEACHER_RECIPE

    @property
    def trait(self) -> str:
        """The planted trait's id."""
        return self.battery.traits[self.battery.answers.index(self.answer)]

    def train(self, engine: HfEngine, adapter: Path) -> None:
        """Fine-tune a copy of the engine's base on half of the battery's questions and save it.

        The other half stays unseen, so that what the battery later reads is not what was drilled.
        """
        asked = self.battery.questions[::2]
        repeats = self.steps * self.recipe.rows_per_step // len(asked)
        prompts = [(Message("user", question),) for question in asked] * repeats
        rows = encode_rows(engine.tokenizer, prompts, [self.answer] * len(prompts))
        lengths = [row.length for row in rows]
        train_adapter(engine, rows, lengths, self.recipe, self.seed, adapter, lambda done: None)
