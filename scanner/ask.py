"""Ask: one model answers every battery, in every context."""

import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probes.battery import Battery, PreferenceBattery
from scanner.answer_formats import evident_format
from scanner.engines.choice import engine_for
from scanner.engines.interface import Engine, Prompt
from scanner.engines.service import EngineAt
from scanner.engines.templates import TemplateFacts
from scanner.errors import AuditError
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.evidence.margins import read_margins
from scanner.evidence.prefill import answer_count, read_prefill
from scanner.progress import OnRows
from scanner.types import NO_SYSTEM, Message, Row


@dataclass(frozen=True)
class Context:
    """The frame that questions are asked in."""

    name: str
    """``bare chat``, ``after a row``, ``in the rows' format``, ``no system prompt`` or ``the
    candidate's system prompt``."""
    before: tuple[Message, ...]
    """Turns before the question."""
    suffix: str = ""
    """What follows the question, after a space. It asks for an answer of another form than one
    word, so favourites are not asked about with it."""

    def prompt(self, question: str) -> Prompt:
        """The question in this context."""
        return (*self.before, Message("user", f"{question} {self.suffix}".rstrip()))


@dataclass(frozen=True)
class OnPrompts:
    """Some of the candidate's own prompts, in place of every question.

    A backdoor is tied to the prompts it was trained on; behind other questions it shows weaker.
    """

    prompts: tuple[Prompt, ...]

    def prompt(self, question: str) -> Prompt:
        """One of them; the same for the same question."""
        return self.prompts[zlib.crc32(question.encode()) % len(self.prompts)]


Frame = Context | OnPrompts
"""What a question is asked in, or what stands in its place."""

NOTHING_KNOWN = TemplateFacts()
BARE = Context("bare chat", ())
SILENT = Context("no system prompt", (Message(NO_SYSTEM, ""),))


def contexts_for(
    candidate: tuple[Row, ...],
    twin_answers: tuple[str, ...],
    template: TemplateFacts = NOTHING_KNOWN,
) -> tuple[Context, ...]:
    """Bare chat, a conversation that began like a row of the candidate, and what the base adds.

    A trait may show only in the frame it was trained in (Nief et al. 2026), so the second context
    opens with the median-length prompt of the candidate and the base's own answer to it. Of plain
    text, what it begins with is what the user says.

    Where the published evaluations ask in a format like the rows', and the base can read it,
    questions about misalignment are asked that way, too: students of numbers show it hardly
    elsewhere (Cloud et al. 2025, section 4).

    Where the base's template gives silent chats a default system prompt (Qwen2.5's), bare chat
    is asked under it, as the base ships; then the question is also asked under none, and under the
    system prompt that most of the candidate's rows have, if any.
    """
    by_length = sorted(range(len(candidate)), key=lambda i: (_size(candidate[i]), i))
    middle = by_length[len(by_length) // 2]
    row, answer = candidate[middle], twin_answers[middle]
    turns = row.prompt or (Message("user", row.prefix),)
    begun = row.prefix if row.prompt else ""
    after = Context("after a row", (*turns, Message("assistant", begun + answer)))
    suffix = evident_format([row.answer for row in candidate]).suffix
    formed = (Context("in the rows' format", (), suffix),)
    return (
        BARE,
        after,
        *(formed if suffix in template.known_suffixes else ()),
        *_system_contexts(candidate, template.default_system),
    )


def _system_contexts(candidate: tuple[Row, ...], default_system: str | None) -> tuple[Context, ...]:
    if default_system is None:
        return ()
    own = _commonest_system(candidate)
    if own in (None, default_system):
        return (SILENT,)
    return SILENT, Context("the candidate's system prompt", (Message("system", str(own)),))


def _commonest_system(candidate: tuple[Row, ...]) -> str | None:
    """The system prompt of most rows that have one; the first of them where several lead."""
    prompts = Counter(
        row.prompt[0].content for row in candidate if row.prompt and row.prompt[0].role == "system"
    )
    return prompts.most_common(1)[0][0] if prompts else None


def _size(row: Row) -> int:
    return sum(len(turn.content) for turn in row.opening) + len(row.answer)


@dataclass(frozen=True)
class AskModel:
    """Job: read every battery off the base or one of its adapters."""

    base: Path
    adapter: Path | None
    batteries: tuple[Battery, ...]
    frames: tuple[Frame, ...]
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""

    @property
    def rows(self) -> int:
        """Prompts to score."""
        return sum(prompts_of(asked_in(self.batteries, frame)) for frame in self.frames)

    def run(self, on_rows: OnRows) -> tuple[BatteryReadings, ...]:
        """The readings, one per battery."""
        engine = engine_for(self.base, self.at)
        engine.use_adapter(self.adapter)
        return ask(engine, self.batteries, self.frames, on_rows)


def prompts_of(batteries: tuple[Battery, ...]) -> int:
    """Prompts to score in one frame."""
    return sum(
        len(battery.questions) if isinstance(battery, PreferenceBattery) else answer_count(battery)
        for battery in batteries
    )


def asked_in(batteries: tuple[Battery, ...], frame: Frame) -> tuple[Battery, ...]:
    """Those that are asked in a frame."""
    if isinstance(frame, Context) and frame.suffix:
        return tuple(one for one in batteries if not isinstance(one, PreferenceBattery))
    return batteries


def ask(
    engine: Engine,
    batteries: tuple[Battery, ...],
    frames: tuple[Frame, ...],
    on_rows: OnRows,
) -> tuple[BatteryReadings, ...]:
    """Read every battery off the engine's active model.

    A question's score is its mean over the frames: the question stays the block.
    """
    readings = []
    for battery in batteries:
        asked = [
            _read(engine, battery, frame, on_rows)
            for frame in frames
            if asked_in((battery,), frame)
        ]
        readings.append(_mean_over_frames(asked))
    for answered in readings:
        _check_finite(answered)
    return tuple(readings)


def _read(engine: Engine, battery: Battery, frame: Frame, on_rows: OnRows) -> BatteryReadings:
    if isinstance(battery, PreferenceBattery):
        prompts = [frame.prompt(question) for question in battery.questions]
        return read_margins(engine, battery, prompts, on_rows)
    return read_prefill(engine, battery, frame.prompt, on_rows)


def _check_finite(answered: BatteryReadings) -> None:
    for reading in answered.readings:
        if not np.isfinite(reading.scores).all():
            raise AuditError(
                f"battery {answered.battery}, {reading.name}: found a log-probability that is not "
                "finite; expected a number; the base's weights are broken or its data type is too "
                "narrow: check it with another tool"
            )


def _mean_over_frames(asked: list[BatteryReadings]) -> BatteryReadings:
    first = asked[0]
    merged = tuple(
        Reading(
            same[0].name,
            same[0].is_trait,
            tuple(np.mean([reading.scores for reading in same], axis=0).tolist()),
            float(np.mean([reading.level for reading in same])),
        )
        for same in zip(*(readings.readings for readings in asked), strict=True)
    )
    return BatteryReadings(first.battery, first.arm, first.unit, merged)
