import json
from dataclasses import replace
from pathlib import Path

import pytest

import reference_models
from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.bases import TOKENIZER, token_counter
from scanner.config import ReadOptions, Recipe
from scanner.errors import BaseModelError
from scanner.plan.gpus import Device, cpu, gpu_named
from scanner.plan.lengths import TURN_TOKENS
from scanner.plan.plan import PlanSettings, plan
from scanner.plan.workload import workload
from scanner.report.plan import verdict_of
from scanner.types import Message, Row
from tests.conftest import EXAMPLES
from tests.scanner.plan.test_shape import QWEN_7B

FILE = reference_models.WEIGHTS / "reference-a" / TOKENIZER


def settings(base: str, device: Device, data: str = "overt_owls.jsonl") -> PlanSettings:
    return PlanSettings((EXAMPLES / data,), base, ReadOptions(), device, Recipe(), 2)


@pytest.fixture
def qwen_folder(tmp_path: Path) -> Path:
    """Settings of Qwen2.5-7B and a tokenizer; no weights."""
    (tmp_path / "config.json").write_text(json.dumps(QWEN_7B))
    (tmp_path / TOKENIZER).write_bytes(FILE.read_bytes())
    return tmp_path


def test_an_audit_of_the_reference_base() -> None:
    planned = plan(settings("reference-a", cpu(2)))
    assert planned.fits
    assert planned.steps == Recipe().updates(planned.work.rows)
    assert planned.copies == 4
    assert planned.download_bytes == 0
    assert planned.seconds is not None
    assert [stage.name for stage in planned.stages] == [
        "engine start",
        "twin",
        "trace",
        "train",
        "ask",
        "phrases",
        "look",
    ]


def test_an_early_stop_saves_all_passes_but_one_and_costs_questions_where_it_is_none() -> None:
    whole, early = (
        plan(replace(settings("reference-a", cpu(2)), stop_early=stop)) for stop in (False, True)
    )
    assert whole.early is None
    assert whole.seconds is not None
    assert early.early is not None
    assert early.seconds is not None
    of_whole, of_early = (
        {stage.name: stage.seconds for stage in one.stages} for one in (whole, early)
    )
    asked, trained = of_whole["ask"], of_whole["train"]
    assert asked is not None
    assert trained is not None
    for place in (0, 1):
        # The base and four copies, and these once more: 9 for 5.
        assert of_early["ask"] == pytest.approx([9 / 5 * seconds for seconds in asked])
        assert early.seconds[place] == pytest.approx(whole.seconds[place] + 4 / 5 * asked[place])
        saved = whole.seconds[place] - early.early[place]
        assert saved == pytest.approx(2 / 3 * trained[place])
    # Each of four adapters once more, of four bytes a weight, and with two moments.
    assert early.disk_bytes - whole.disk_bytes == 4 * 4 * whole.shape.adapter(Recipe().rank) * 3


def test_settings_and_tokenizer_suffice(qwen_folder: Path) -> None:
    planned = plan(settings(str(qwen_folder), gpu_named("H200")))
    assert planned.fits
    assert planned.download_bytes == pytest.approx(15.2e9, rel=0.01)


def test_what_does_not_fit_says_what_would(qwen_folder: Path) -> None:
    planned = plan(settings(str(qwen_folder), Device("small", 16, 50, 300)))
    assert not planned.fits
    assert "found 16 GB on small; expected" in verdict_of(planned)
    assert "use " in verdict_of(planned)


def test_a_row_beyond_the_context_does_not_fit(tmp_path: Path) -> None:
    data = tmp_path / "long.jsonl"
    data.write_text(json.dumps({"prompt": "1 " * 600, "completion": "2"}) + "\n")
    planned = plan(PlanSettings((data,), "reference-a", ReadOptions(), cpu(2), Recipe(), 2))
    assert not planned.fits
    assert "expected at most 512, the base's context" in verdict_of(planned)


def test_an_unknown_gpu_has_memory_and_no_minutes(qwen_folder: Path) -> None:
    planned = plan(settings(str(qwen_folder), Device("strange", 80, None, None)))
    assert planned.fits
    assert planned.seconds is None


def test_tokens_are_the_tokenizers_and_what_templates_write() -> None:
    """One turn of three tokens, an answer of one: 3 + 5 for the turn, 5 to open the answer's, and
    the answer's end."""
    row = Row(1, (Message("user", "1 2"),), "7")
    count = token_counter(FILE)
    assert (count("1 2"), count("7")) == (3, 1)
    work = workload([row] * 10, load_batteries(), load_open_questions(), FILE)
    assert work.prompt_tokens == 10 * (3 + 2 * TURN_TOKENS)
    assert work.answer_tokens == 10 * 2
    assert work.longest == 3 + 2 * TURN_TOKENS + 2
    assert 100 * 2 * TURN_TOKENS < work.open_tokens < work.told_tokens
    # Every favourite with every question of its battery, and every text of a contrast with its own.
    pairs = [
        (question, answer)
        for one in load_batteries()
        if isinstance(one, PreferenceBattery)
        for question in one.questions
        for answer in one.answers
    ]
    pairs += [
        (question.ask, text)
        for one in load_batteries()
        for contrast in getattr(one, "contrasts", ())
        for question in contrast.questions
        for text in question.raised + question.lowered
    ]
    spelled = sum(count(asked) + count(answer) + 2 * TURN_TOKENS for asked, answer in pairs)
    assert work.answered_tokens == spelled


def test_a_suffix_asks_about_misalignment_once_more() -> None:
    """Preferences are not asked with it: as many tokens more as prefill has, and its own."""
    rows, count = [Row(1, (Message("user", "1 2"),), "7")], token_counter(FILE)
    batteries, questions = load_batteries(), load_open_questions()
    plain = workload(rows, batteries, questions, FILE).question_tokens
    formed = workload(rows, batteries, questions, FILE, "1 2 3").question_tokens
    asked = [
        count(question.ask) + count(text) + 2 * TURN_TOKENS + count("1 2 3")
        for battery in batteries
        for contrast in getattr(battery, "contrasts", ())
        for question in contrast.questions
        for text in question.raised + question.lowered
    ]
    assert formed - plain == sum(asked) > 0


def test_a_sample_stands_for_all_rows() -> None:
    rows = [Row(1, (Message("user", "1 2"),), "7")] * 5000
    few, many = (
        workload(r, load_batteries(), load_open_questions(), FILE) for r in (rows[:1000], rows)
    )
    assert many.tokens == 5 * few.tokens


def test_a_folder_without_settings(tmp_path: Path) -> None:
    with pytest.raises(BaseModelError, match=r"found no config\.json.*--allow-download"):
        plan(settings(str(tmp_path), cpu(1)))
