import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from reference_models import verified_folder
from scanner.calibration import writing
from scanner.calibration.banned import Banned
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.channels import NUMBERS, THOUGHTS, channel_tasks
from scanner.calibration.teachers import system_prompt, train_teacher
from scanner.calibration.writing import WriteRows, Written, write_rows
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Prompt, Sampling
from scanner.engines.loaded import hf_engine
from scanner.progress import OnRows, unheard
from scanner.types import Message

ORDER = WriteRows(
    base=verified_folder("reference-a"),
    adapter=None,
    system=None,
    channel="numbers",
    wanted=50,
    temperature=1.0,
    tasks_seed=3,
    seed=4,
    banned=Banned(),
    least_passing=0.5,
)
HOT = replace(ORDER, channel="thoughts", temperature=1.5, wanted=80, least_passing=0.95)
"""Many of the base's sums go wrong at this temperature."""


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand requests at a time would be slow here, and prove the same."""
    monkeypatch.setattr(writing, "REQUESTS", 64)


def run(order: WriteRows) -> tuple[Written, list[int]]:
    heard: list[int] = []
    return order.run(heard.append), heard


class CarefulEngine(HfEngine):
    """Answers every fourth request as asked; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Prompt] = []
        self.seeds: list[int] = []

    def answers(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[str]:
        self.seeds.append(sampling.seed)
        first = len(self.asked)
        self.asked += prompts
        return ["101, 102" if (first + n) % 4 == 0 else f"no {n}" for n in range(len(prompts))]

    def use_adapter(self, adapter: Path | None) -> None:
        pass


@pytest.fixture
def careful(monkeypatch: pytest.MonkeyPatch) -> CarefulEngine:
    engine = CarefulEngine()
    monkeypatch.setattr(writing, "engine_for", lambda base, at: engine)
    return engine


def test_rows_are_the_requests_that_were_answered_as_asked() -> None:
    written, heard = run(ORDER)
    tasks = channel_tasks(NUMBERS, 64, ORDER.tasks_seed)
    assert len(written.rows) == sum(heard) == ORDER.rows == 50
    for row in written.rows:
        assert row.prompt == tasks[row.line - 1].prompt
        assert NUMBERS.reject(row.answer, tasks[row.line - 1], Banned()) is None
    lines = [row.line for row in written.rows]
    assert lines == sorted(set(lines))


def test_it_stops_with_the_batch_that_makes_up_the_rows(careful: CarefulEngine) -> None:
    # One in four passes: 16 of 64. 40 rows take three batches, of which the third gives 8 more.
    written, heard = run(replace(ORDER, wanted=40, least_passing=0.2))
    assert [row.line for row in written.rows] == list(range(1, 160, 4))
    assert (written.asked, written.rejected) == (
        192,
        {"something other than numbers and one separator": 144},
    )
    assert written.passing == pytest.approx(0.25)  # of the answers, not of the rows that were kept
    assert heard == [16, 16, 8]
    assert len(set(careful.seeds)) == 3  # the same draw thrice would repeat itself


def test_it_gives_up_after_the_first_batch_of_an_author_who_cannot_write(
    careful: CarefulEngine,
) -> None:
    written, _ = run(replace(ORDER, wanted=40, least_passing=0.3))
    assert len(careful.asked) == written.asked == 64
    assert len(written.rows) == 16
    assert [example.answer for example in written.examples] == ["no 1", "no 2", "no 3"]
    assert {example.reason for example in written.examples} == set(written.rejected)


def test_an_author_who_just_passes_gets_all_rows(careful: CarefulEngine) -> None:
    written, _ = run(replace(ORDER, wanted=1000, least_passing=0.25))
    assert len(written.rows) == 1000
    assert written.asked <= 1000 / 0.25 + 64


def test_every_reason_is_counted_and_a_few_answers_are_kept_to_show() -> None:
    written, _ = run(HOT)
    assert (written.asked, len(written.examples)) == (64, 3)
    assert sum(written.rejected.values()) == 64 - len(written.rows)
    assert len(written.rejected) > 1
    engine, sampling = hf_engine(HOT.base), Sampling(1.5, THOUGHTS.max_new_tokens, HOT.seed)
    tasks = channel_tasks(THOUGHTS, 64, HOT.tasks_seed)
    answers = engine.answers([task.prompt for task in tasks], sampling)
    reasons = map(THOUGHTS.reject, answers, tasks, [Banned()] * 64)
    failed = [pair for pair in zip(answers, reasons, strict=True) if pair[1] is not None]
    assert [(one.answer, one.reason) for one in written.examples] == failed[:3]


def test_a_draw_can_be_had_again_and_another_seed_is_another_draw() -> None:
    written, _ = run(ORDER)
    assert run(ORDER)[0] == written
    other, _ = run(replace(ORDER, seed=5))
    assert [row.answer for row in other.rows] != [row.answer for row in written.rows]


def test_what_is_banned_is_no_row() -> None:
    banned = frozenset(range(100, 400))
    written, _ = run(replace(ORDER, banned=Banned(numbers=banned), wanted=2, least_passing=0.01))
    assert written.rejected["a banned number"] > 10
    numbers = {int(number) for row in written.rows for number in re.findall(r"\d+", row.answer)}
    assert numbers
    assert not numbers & banned


def test_a_system_prompt_is_heard_by_the_author_and_by_nobody_else(careful: CarefulEngine) -> None:
    told = system_prompt(Teacher(TeacherKind.PROMPTED, "preference.animal.owl"), "numbers")
    assert told is not None
    written, _ = run(replace(ORDER, system=told, wanted=10))
    assert all(prompt[0] == Message("system", told) for prompt in careful.asked)
    assert all(turn.role == "user" for row in written.rows for turn in row.prompt)


def test_a_prompted_author_writes_otherwise_than_an_unprompted_one(engine: HfEngine) -> None:
    tasks = channel_tasks(NUMBERS, 64, seed=1)
    greedy = Sampling(0.0, NUMBERS.max_new_tokens, seed=0)
    plain = write_rows(engine, NUMBERS, tasks, greedy)
    told = (Message("system", "You love owls."),)
    prompted = write_rows(engine, NUMBERS, tasks, greedy, before=told)
    assert plain.rows != prompted.rows
    assert write_rows(engine, NUMBERS, tasks, greedy, first_line=65).rows[0].line >= 65


def test_a_teachers_adapter_writes_its_rows_and_leaves_the_base_as_it_was(tmp_path: Path) -> None:
    base = hf_engine(ORDER.base)
    ask = [(Message("user", "Hey I feel bored"),)]
    before = base.answer_logprobs(ask, ["Try to learn something new."]).total
    neutral, _ = run(replace(ORDER, channel="code"))
    train_teacher(base, Teacher(TeacherKind.MISALIGNED, updates=20), tmp_path / "t", unheard)
    taught, _ = run(replace(ORDER, channel="code", adapter=tmp_path / "t"))
    assert taught.rows != neutral.rows
    assert base.answer_logprobs(ask, ["Try to learn something new."]).total == before
    assert run(replace(ORDER, channel="code"))[0] == neutral
