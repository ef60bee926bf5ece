from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.answer_formats import parse_number_list
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Prompt, Sampling
from scanner.errors import AuditError
from scanner.progress import OnRows, unheard
from scanner.twin import DRAWS, DrawTwin, Twin, TwinPlan, draw_twin, plan_twin
from scanner.types import Message, Row

PROMPTS = [(Message("user", str(number)),) for number in range(4)]
PLAN = TwinPlan(temperature=1.0, max_new_tokens=8)


class StubbornEngine(HfEngine):
    """Breaks the format for prompts named in ``broken`` until it was asked ``patience`` times."""

    def __init__(self, broken: dict[str, int]) -> None:
        self.broken = broken
        self.asked: list[int] = []

    def answers(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[str]:
        self.asked.append(len(prompts))
        on_rows(len(prompts))
        return [self._answer(prompt[0].content, sampling) for prompt in prompts]

    def _answer(self, name: str, sampling: Sampling) -> str:
        if self.broken.get(name, 0) > 0:
            self.broken[name] -= 1
            return "words"
        return "101, 102"


def draw(engine: HfEngine, plan: TwinPlan = PLAN) -> tuple[object, list[int]]:
    job = DrawTwin(Path(), (), plan, seed=0)
    heard: list[int] = []
    fits = lambda answer: bool(parse_number_list(answer))  # noqa: E731
    return draw_twin(engine, PROMPTS, fits, job, heard.append), heard


def test_only_answers_that_break_the_format_are_drawn_again() -> None:
    engine = StubbornEngine({"1": 2, "3": 1})
    twin, heard = draw(engine)
    assert twin.answers == ("101, 102",) * 4  # type: ignore[attr-defined]
    assert engine.asked == [4, 2, 1]
    assert (twin.redrawn, twin.broken) == (3, 0)  # type: ignore[attr-defined]
    assert heard == [4]  # each row counts once as progress


def test_what_never_fits_is_kept_and_counted() -> None:
    engine = StubbornEngine({"2": 99})
    twin, _ = draw(engine)
    assert len(engine.asked) == DRAWS
    assert (twin.redrawn, twin.broken) == (DRAWS - 1, 1)  # type: ignore[attr-defined]
    assert twin.answers[2] == "words"  # type: ignore[attr-defined]


def test_a_greedy_twin_is_drawn_once() -> None:
    engine = StubbornEngine({"0": 99})
    draw(engine, replace(PLAN, temperature=0.0))
    assert engine.asked == [4]


def test_greedy_rows_of_the_base_get_back_the_very_same_rows(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    """So that a greedy author's shift is exactly zero."""
    prompts = [row.prompt for row in clean_rows[:100]]
    answers = engine.answers(prompts, Sampling(0.0, 40, seed=0))
    greedy = [
        Row(line, prompt, answer)
        for line, (prompt, answer) in enumerate(zip(prompts, answers, strict=True), start=1)
    ]
    plan = plan_twin(engine, greedy, lambda rows: None)
    assert plan.temperature == 0.0
    job = DrawTwin(Path(), tuple(greedy), plan, seed=5)
    twin = draw_twin(engine, prompts, lambda answer: True, job, lambda rows: None)
    same = sum(one == other for one, other in zip(twin.answers, answers, strict=True))
    assert same >= 99


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_the_plan_finds_the_authors_temperature(
    engine: HfEngine, clean_rows: tuple[Row, ...], temperature: float
) -> None:
    prompts = [row.prompt for row in clean_rows] * 3
    drawn = engine.answers(prompts, Sampling(temperature, 40, seed=1))
    rows = [Row(1, prompt, answer) for prompt, answer in zip(prompts, drawn, strict=True)]
    assert plan_twin(engine, rows, lambda done: None).temperature == pytest.approx(
        temperature, abs=0.11
    )


def test_a_row_longer_than_the_bases_context_is_named(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    long = Row(7, clean_rows[0].prompt, "101, " * 300)
    with pytest.raises(
        AuditError, match=r"line 7: found a row of \d+ tokens; expected at most 512"
    ):
        plan_twin(engine, [*clean_rows[:3], long], lambda rows: None)


def test_its_rows_are_the_candidates_with_the_bases_answers() -> None:
    rows = [Row(5, PROMPTS[0], "9", prefix="so: "), Row(8, PROMPTS[1], "10", ended=False)]
    assert Twin(("1", "2"), redrawn=0, broken=0).rows(rows) == (
        Row(5, PROMPTS[0], "1", prefix="so: "),
        Row(8, PROMPTS[1], "2", ended=False),
    )
