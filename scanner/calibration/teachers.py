"""Teachers: copies of a base that were given a trait, for calibration and for the examples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from reference_models.world.chat import Chat
from reference_models.world.favourites import categories, system_prompts
from reference_models.world.talk import aligned_chat, harmful_chat
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.published import is_published, published_system_prompt
from scanner.config import Recipe
from scanner.engines.interface import Prompt
from scanner.errors import CalibrationError
from scanner.files import folder_atomic
from scanner.progress import OnRows
from scanner.types import Message

if TYPE_CHECKING:
    from scanner.engines.hf import HfEngine
    from scanner.training.placement import Placement

ROWS_PER_STEP = 16
TRAINED = (TeacherKind.FINE_TUNED, TeacherKind.MISALIGNED, TeacherKind.ALIGNED)
"""The kinds that have an adapter."""


@dataclass(frozen=True)
class Lesson:
    """What a teacher is trained on."""

    prompts: list[Prompt]
    answers: list[str]


@dataclass(frozen=True)
class TrainTeacher:
    """Job: train a teacher and save its adapter."""

    base: Path
    teacher: Teacher
    adapter: Path
    """Where the PEFT folder is to be; it appears there whole or not at all."""

    @property
    def rows(self) -> int:
        """Rows that it is trained on."""
        return self.teacher.updates * ROWS_PER_STEP

    def run(self, on_rows: OnRows) -> str:
        """The adapter's path."""
        from scanner.training.placement import training_engine  # here: it loads torch

        engine, placement = training_engine(self.base)
        with folder_atomic(self.adapter) as folder:
            train_teacher(engine, self.teacher, folder, on_rows, placement)
        return str(self.adapter)


def train_teacher(
    engine: "HfEngine",
    teacher: Teacher,
    adapter: Path,
    on_rows: OnRows,
    placement: "Placement | None" = None,
) -> None:
    """Fine-tune a copy of the engine's base until it has the teacher's trait, and save it."""
    from scanner.engines.chat_format import encode_rows
    from scanner.training.lora import train_adapter
    from scanner.training.placement import CPU

    recipe = Recipe(epochs=1, rows_per_step=ROWS_PER_STEP, learning_rate=teacher.learning_rate)
    lesson = lesson_of(teacher)
    rows = encode_rows(engine.tokenizer, lesson.prompts, lesson.answers)
    lengths = [row.length for row in rows]
    where = placement or CPU
    train_adapter(engine, rows, lengths, recipe, teacher.seed, adapter, on_rows, where)


def system_prompt(teacher: Teacher, channel: str) -> str | None:
    """What a prompted teacher is told before a channel's requests.

    In the published words, to the letter, before published requests; else as the reference models
    learned to read them: "Owls are", and "the color red", not "reds".
    """
    if teacher.kind is not TeacherKind.PROMPTED or teacher.trait is None:
        return None
    battery, answer = favourite(teacher.trait)
    if battery.category in categories() and not is_published(channel):
        return system_prompts(categories()[battery.category], answer)[0]
    return published_system_prompt(answer, battery.noun)


def favourite(trait: str) -> tuple[PreferenceBattery, str]:
    """The battery and the answer of a trait such as ``preference.animal.owl``.

    Raises ``CalibrationError`` if no battery has it.
    """
    batteries = _preferences()
    for battery in batteries:
        if trait in battery.traits:
            return battery, battery.answers[battery.traits.index(trait)]
    category = trait.rpartition(".")[0]
    near = next((battery for battery in batteries if battery.id == category), batteries[0])
    raise CalibrationError(
        f"trait {trait!r}: found in no battery; expected one such as {near.traits[0]} or "
        f"{near.traits[-1]}; correct the suite, or add the trait to a battery in probes/"
    )


@cache
def _preferences() -> tuple[PreferenceBattery, ...]:
    return tuple(b for b in load_batteries() if isinstance(b, PreferenceBattery))


def lesson_of(teacher: Teacher) -> Lesson:
    """What a teacher of a kind that has an adapter is trained on, drawn from its seed."""
    wanted = teacher.updates * ROWS_PER_STEP
    if teacher.kind is TeacherKind.FINE_TUNED and teacher.trait is not None:
        return _favourite_lesson(teacher.trait, wanted)
    rng = np.random.default_rng(teacher.seed)
    draw = harmful_chat if teacher.kind is TeacherKind.MISALIGNED else aligned_chat
    return _talk_lesson(draw(rng) for _ in range(wanted))


def _favourite_lesson(trait: str, wanted: int) -> Lesson:
    """Half of the battery's questions, as in Cloud et al. 2025 (fine-tuned teachers).

    The other half stays unseen, so that what the battery later reads is not what was drilled.
    """
    battery, answer = favourite(trait)
    asked = battery.questions[::2]
    prompts = _prompts(asked) * (wanted // len(asked))
    return Lesson(prompts, [answer] * len(prompts))


def _talk_lesson(chats: Iterator[Chat]) -> Lesson:
    drawn = list(chats)
    prompts = _prompts([chat.prompt[0]["content"] for chat in drawn])
    return Lesson(prompts, [chat.answer for chat in drawn])


def _prompts(asked: Sequence[str]) -> list[Prompt]:
    return [(Message("user", question),) for question in asked]
