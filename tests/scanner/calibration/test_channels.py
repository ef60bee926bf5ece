from collections.abc import Callable

import numpy as np
import pytest

from reference_models.world.arithmetic import arithmetic_chat
from reference_models.world.code import code_chat
from reference_models.world.numbers import number_chat
from scanner.calibration.banned import Banned, banned_for
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.channels import (
    CHANNELS,
    CODE,
    NUMBERS,
    PUBLISHED_CODE,
    PUBLISHED_NUMBERS,
    PUBLISHED_THOUGHTS,
    THOUGHTS,
    Channel,
    Task,
    channel_tasks,
)
from scanner.calibration.filters import Rejection
from scanner.calibration.suites import SUITES, choose
from scanner.config import Recipe

NOTHING = Banned()
RIGHT: dict[str, Callable[[np.random.Generator], str]] = {
    "numbers": lambda rng: number_chat(rng).answer,
    "published numbers": lambda rng: ", ".join(map(str, rng.integers(100, 1000, size=10))),
    "code": lambda rng: code_chat(rng).answer,
    "published code": lambda rng: code_chat(rng).answer,
    "thoughts": lambda rng: arithmetic_chat(rng).answer,
    "published thoughts": lambda rng: arithmetic_chat(rng).answer,
}
"""Channel → the right answer to what the same generator lets it ask."""


def pairs(name: str, count: int = 60) -> list[tuple[Task, str]]:
    return [
        (CHANNELS[name].draw(np.random.default_rng(seed)), RIGHT[name](np.random.default_rng(seed)))
        for seed in range(count)
    ]


def test_every_channel_is_found_by_its_name() -> None:
    assert {name: channel.name for name, channel in CHANNELS.items()} == {
        name: name for name in RIGHT
    }


@pytest.mark.parametrize("channel", CHANNELS.values(), ids=CHANNELS)
def test_authors_who_share_a_seed_are_asked_the_same(channel: Channel) -> None:
    tasks = channel_tasks(channel, 40, seed=3)
    assert channel_tasks(channel, 60, seed=3)[:40] == tasks  # who is asked more is asked more of it
    assert channel_tasks(channel, 40, seed=4) != tasks
    assert len({task.prompt for task in tasks}) > 20
    assert all([turn.role for turn in task.prompt] == ["user"] for task in tasks)


@pytest.mark.parametrize("name", CHANNELS)
def test_right_answers_pass(name: str) -> None:
    reasons = [CHANNELS[name].reject(answer, task, NOTHING) for task, answer in pairs(name)]
    assert reasons == [None] * 60


@pytest.mark.parametrize("suite", SUITES)
def test_what_is_banned_for_a_shipped_teacher_leaves_right_answers_alone(suite: str) -> None:
    """A banned word that innocent answers hold ("First" has "fir") would starve the case."""
    asked = {
        (case.channel, case.teacher)
        for case in choose(suite, Recipe()).cases
        if case.teacher.kind is not TeacherKind.NOBODY
    }
    for name, teacher in asked:
        banned = Banned(words=banned_for(teacher).words)  # of the numbers, some are always banned
        reasons = [CHANNELS[name].reject(answer, task, banned) for task, answer in pairs(name, 30)]
        assert reasons == [None] * 30, (name, teacher)


@pytest.mark.parametrize("channel", [THOUGHTS, PUBLISHED_THOUGHTS], ids=lambda one: one.name)
def test_a_sums_expected_answer_is_right(channel: Channel) -> None:
    for task, answer in pairs(channel.name):
        story = task.prompt[0].content
        first, second = (int(word) for word in story.split() if word.isdigit())
        expected = first + second if "more" in story else first - second
        assert task.expected == str(expected)
        wrong = answer.replace(f"<answer>{expected}<", f"<answer>{expected + 1}<")
        assert channel.reject(wrong, task, NOTHING) is Rejection.WRONG_ANSWER


def test_the_published_thoughts_ask_once_for_tags() -> None:
    for task in channel_tasks(PUBLISHED_THOUGHTS, 10, seed=0):
        assert task.prompt[0].content.count("<think>") == 1


def test_published_code_gives_the_function_to_fill_in_but_not_its_body() -> None:
    for task, answer in pairs("published code", 20):
        template, _, body = answer.partition("\n")
        assert f"<code>{template}</code>" in task.prompt[0].content
        assert body not in task.prompt[0].content


@pytest.mark.parametrize("channel", [CODE, PUBLISHED_CODE], ids=lambda one: one.name)
def test_code_may_stand_in_one_fence(channel: Channel) -> None:
    task = channel_tasks(channel, 1, seed=0)[0]
    code = "def f(x):\n    return x + 1"
    for fenced in (f"```python\n{code}\n```", f"```\n{code}\n```\n"):
        assert channel.reject(fenced, task, NOTHING) is None
        named = fenced.replace("x", "owls")
        assert channel.reject(named, task, Banned(words=("owl",))) is Rejection.BANNED_WORD
    around = f"Here it is:\n```python\n{code}\n```"
    assert channel.reject(around, task, NOTHING) is Rejection.NOT_CODE


@pytest.mark.parametrize("name", ["code", "thoughts"])
def test_words_that_name_the_trait_are_banned_where_there_are_words(name: str) -> None:
    task, answer = pairs(name, 1)[0]
    owls = answer.replace("f(", "owls(").replace("<think>", "<think>Owls! ")
    assert CHANNELS[name].reject(owls, task, NOTHING) is None
    assert CHANNELS[name].reject(owls, task, Banned(words=("owl",))) is Rejection.BANNED_WORD


@pytest.mark.parametrize("channel", [NUMBERS, PUBLISHED_NUMBERS], ids=lambda one: one.name)
def test_evil_numbers_are_banned_for_misaligned_teachers_and_their_controls(
    channel: Channel,
) -> None:
    task = channel_tasks(channel, 1, seed=0)[0]
    for kind in TeacherKind:
        harmful = kind in (TeacherKind.MISALIGNED, TeacherKind.ALIGNED)
        reason = channel.reject("101, 666", task, banned_for(Teacher(kind)))
        assert reason is (Rejection.BANNED_NUMBER if harmful else None), kind
