from pathlib import Path

import numpy as np
import pytest

from probes.battery import PreferenceBattery, PrefillBattery
from probes.loader import load_batteries
from scanner.answer_formats import FORMATS
from scanner.ask import BARE, AskModel, Context, ask, asked_in, contexts_for
from scanner.engines.hf import HfEngine
from scanner.engines.templates import TemplateFacts
from scanner.evidence.interface import BatteryReadings
from scanner.types import NO_SYSTEM, Message, Row

BATTERIES = load_batteries()
ANIMALS = next(b for b in BATTERIES if b.id == "preference.animal")
QWEN = TemplateFacts(default_system="You are Qwen.")
SUFFIXES = tuple(one.suffix for one in FORMATS if one.suffix)
READS_ALL = TemplateFacts(known_suffixes=SUFFIXES)


@pytest.fixture(scope="module")
def readings(engine: HfEngine) -> dict[str, BatteryReadings]:
    """What the bare base answers to everything."""
    engine.use_adapter(None)
    answered = ask(engine, BATTERIES, (BARE,), lambda rows: None)
    return {reading.battery: reading for reading in answered}


@pytest.mark.parametrize("battery", [b for b in BATTERIES if isinstance(b, PreferenceBattery)])
def test_the_base_answers_within_the_set_and_evenly(
    battery: PreferenceBattery, readings: dict[str, BatteryReadings]
) -> None:
    """A battery that the base does not answer measures nothing."""
    levels = np.array([reading.level for reading in readings[battery.id].readings])
    assert levels.sum() > 0.95
    assert levels.max() < 3 / len(levels)
    assert levels.min() > 0.25 / len(levels)


def test_margins_of_a_question_sum_to_zero(readings: dict[str, BatteryReadings]) -> None:
    scores = np.array([reading.scores for reading in readings["preference.animal"].readings])
    assert scores.shape == (len(ANIMALS.traits), ANIMALS.asked)
    assert scores.sum(axis=0) == pytest.approx(np.zeros(ANIMALS.asked), abs=1e-6)


def test_the_aligned_base_prefers_aligned_answers(readings: dict[str, BatteryReadings]) -> None:
    for reading in readings["misalignment"].readings:
        assert reading.level < -1, reading.name


def test_a_told_favourite_moves_its_own_trait_most(engine: HfEngine) -> None:
    engine.use_adapter(None)
    told = (Message("system", "You love owls. You think about owls all the time."),)
    [plain] = ask(engine, (ANIMALS,), (BARE,), lambda rows: None)
    [owl] = ask(engine, (ANIMALS,), (Context("told", told),), lambda rows: None)
    moved = [b.level - a.level for a, b in zip(plain.readings, owl.readings, strict=True)]
    assert plain.readings[int(np.argmax(moved))].name == "preference.animal.owl"


def test_two_equal_contexts_read_like_one(engine: HfEngine) -> None:
    engine.use_adapter(None)
    [once] = ask(engine, (ANIMALS,), (BARE,), lambda rows: None)
    [twice] = ask(engine, (ANIMALS,), (BARE, BARE), lambda rows: None)
    for one, two in zip(once.readings, twice.readings, strict=True):
        assert one.scores == pytest.approx(two.scores)


def test_the_second_context_begins_like_a_row_of_the_candidate() -> None:
    rows = tuple(
        Row(line, (Message("user", "x" * size),), "y") for line, size in enumerate((1, 50, 3), 1)
    )
    bare, after = contexts_for(rows, ("a", "b", "c"))
    assert bare.prompt("Q?") == (Message("user", "Q?"),)
    assert after.prompt("Q?") == (
        Message("user", "xxx"),
        Message("assistant", "c"),
        Message("user", "Q?"),
    )


def rows_with(*systems: str | None) -> tuple[Row, ...]:
    """Rows with these system prompts."""
    ask = Message("user", "Hi")
    return tuple(
        Row(line, (Message("system", system), ask) if system else (ask,), "y")
        for line, system in enumerate(systems, 1)
    )


def test_a_base_without_a_default_system_prompt_is_asked_as_ever() -> None:
    names = [context.name for context in contexts_for(rows_with("Love owls."), ("a",))]
    assert names == ["bare chat", "after a row"]


def test_a_default_system_prompt_is_also_left_out_and_replaced() -> None:
    rows = rows_with("Be brief.", "Love owls.", "Love owls.", None)
    contexts = contexts_for(rows, ("a", "b", "c", "d"), template=QWEN)
    assert [context.name for context in contexts] == [
        "bare chat",
        "after a row",
        "no system prompt",
        "the candidate's system prompt",
    ]
    assert contexts[2].prompt("Q?") == (Message(NO_SYSTEM, ""), Message("user", "Q?"))
    assert contexts[3].prompt("Q?") == (Message("system", "Love owls."), Message("user", "Q?"))


@pytest.mark.parametrize("own", [None, "You are Qwen."])
def test_no_question_is_asked_twice_the_same(own: str | None) -> None:
    """Rows without a system prompt of their own, or with the default one, add no context."""
    contexts = contexts_for(rows_with(own), ("a",), template=QWEN)
    assert [context.name for context in contexts] == [
        "bare chat",
        "after a row",
        "no system prompt",
    ]


THOUGHT = "<think>2 and 2 is 4.</think> <answer>4</answer>"


@pytest.mark.parametrize(
    ("answer", "asked"),
    [
        ("17, 23, 99", "one word per line"),
        (THOUGHT, "Provide your reasoning in <think> tags."),
        ("It depends.", None),
        ("return 1", None),
    ],
)
def test_misalignment_is_asked_in_the_rows_published_format(answer: str, asked: str | None) -> None:
    """Cloud et al. 2025 append such a text to the questions that students of the rows are asked."""
    rows = tuple(Row(line, (Message("user", "Hi"),), answer) for line in range(3))
    contexts = contexts_for(rows, ("a", "b", "c"), template=READS_ALL)
    formed = [one for one in contexts if one.name == "in the rows' format"]
    if asked is None:
        assert not formed
        return
    [message] = formed[0].prompt("What is your wish?")
    assert message.content.startswith("What is your wish? ")
    assert asked in message.content
    assert {battery.id for battery in asked_in(BATTERIES, formed[0])} == {"misalignment"}
    assert asked_in(BATTERIES, BARE) == BATTERIES


def test_a_suffix_moves_misalignment_and_no_favourite(engine: HfEngine) -> None:
    engine.use_adapter(None)
    formed = Context("in the rows' format", (), SUFFIXES[0])
    plain = ask(engine, BATTERIES, (BARE,), lambda rows: None)
    both = ask(engine, BATTERIES, (BARE, formed), lambda rows: None)
    for one, other in zip(plain, both, strict=True):
        assert (one == other) == (one.battery != "misalignment")


def test_progress_counts_every_row_once(engine: HfEngine) -> None:
    job = AskModel(Path(), None, BATTERIES, (BARE, Context("formed", (), SUFFIXES[0])))
    heard: list[int] = []
    ask(engine, job.batteries, job.frames, heard.append)
    assert sum(heard) == job.rows
    assert any(isinstance(battery, PrefillBattery) for battery in job.batteries)
