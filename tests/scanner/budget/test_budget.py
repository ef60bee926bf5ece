"""Whole audits with a budget, on few rows: time is measured for real, so what depends on it is
asked of budgets that are far too small, or far more than enough."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scanner.budget.sample import Sample, draw_sample, sampled
from scanner.cli.main import run
from scanner.dataset.read import read_dataset
from scanner.report.checking import load_schema
from scanner.stored import write_result

SMALL = ("--base", "reference-a", "--epochs", "1", "--workers", "1", "--pairs", "1", "--quiet")


def audited(data: Path, root: Path, *more: str) -> tuple[int, dict[str, Any]]:
    output = root / "results.json"
    code = run(["audit", str(data), "--run-root", str(root), *SMALL, "-o", str(output), *more])
    return code, json.loads(output.read_text("utf-8"))


def test_a_budget_that_suffices_changes_no_number_and_a_sample_that_is_kept_is_used_again(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("clean_numbers", 40)
    _, without = audited(data, tmp_path)
    code, plenty = audited(data, tmp_path, "--budget", "600")
    assert code == 3  # one pair has no verdict
    assert "budget" not in without
    assert plenty["traits"] == without["traits"]
    assert (plenty["budget"]["rows"], plenty["budget"]["of"]) == (40, 40)
    assert "drawn at random" not in plenty["verdict"]["reason"]
    # As if the machine had been slower: 24 rows fitted, and then the audit was interrupted.
    [kept] = tmp_path.glob("*/jobs/sample.json")
    candidate = read_dataset(data)
    fewer = draw_sample(candidate, 24, first_seed=0, minutes=600, estimated_s=1)
    for job in kept.parent.iterdir():
        job.unlink()
    write_result(kept, fewer, Sample)
    _, part = audited(data, tmp_path, "--budget", "600")
    Draft202012Validator(load_schema()).validate(part)
    assert (part["budget"]["rows"], part["dataset"]["rows"], part["twin"]["rows"]) == (24, 40, 24)
    assert part["budget"]["rows_sha256"] == sampled(candidate, fewer).rows_sha256
    assert part["dataset"] == without["dataset"]
    assert part["screen"]["rows"] == 40
    assert part["verdict"]["reason"].endswith(
        "24 of 40 rows were audited, drawn at random from all of them to fit a budget of 600 min."
    )


def test_too_small_a_budget_is_refused_with_the_smallest(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = short_dataset("clean_numbers", 40)
    given = ["audit", str(data), "--run-root", str(tmp_path), *SMALL, "--budget", "0.001"]
    assert run(given) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "--budget 0.001: found time for 0 rows on this machine; expected 40 at least" in said
    assert "or more" in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--verify-rows"], "--verify-rows"),
        (["--write-clean", "c.jsonl"], "--write-clean"),
        (["--write-quarantine", "q.jsonl", "--calibrate"], "--calibrate and --write-quarantine"),
    ],
)
def test_what_needs_all_rows_is_refused_before_any_work(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    words: str,
) -> None:
    data = short_dataset("clean_numbers", 20)
    given = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    before = sorted(tmp_path.iterdir())
    assert run([*given, "--budget", "5", *more]) == 2
    said = capsys.readouterr().err
    assert f"--budget: found {words} beside it" in said
    assert said.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_quick_look_has_no_budget(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = short_dataset("clean_numbers", 20)
    given = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    assert run([*given, "--budget", "5", "--quick"]) == 2
    assert "--quick: found --budget beside it" in capsys.readouterr().err
