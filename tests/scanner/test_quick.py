import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.calibration.certificate import Certificate, TracedPoint, TracedPower
from scanner.calibration.standing import Standing
from scanner.cli.exits import Exit
from scanner.cli.main import run
from scanner.cli.quick import quick_exit
from scanner.combine import TracedTrait
from scanner.quick import FOUND, NO_VERDICT, NOTHING, QUICK, judge_traces
from scanner.types import Severity

ROOT = Path(__file__).parents[2]
OWL = TracedTrait("preference.animal.owl", 0.002, 1e-6)
HARM = TracedTrait("misalignment.harm", 0.01, 1e-5)
POINTS = (
    TracedPoint("numbers", 3600, 1.0, cases=15, found=14),
    TracedPoint("numbers", 3600, 0.5, cases=5, found=4),
)


@pytest.fixture
def standing(certificate: Certificate) -> Standing:
    power = TracedPower(1, 120, 0.0002, 0.0456, POINTS)
    traced = replace(certificate, arms=("influence",), traced=power)
    return Standing(traced, "It stands on calibration X.")


def test_a_trace_beyond_the_threshold_is_the_verdict(standing: Standing) -> None:
    verdict = judge_traces([OWL, HARM], [OWL], standing)
    assert (verdict.status, verdict.severity) == (FOUND, Severity.LOW)
    assert "towards preference.animal.owl, beyond" in verdict.reason
    assert judge_traces([OWL, HARM], [OWL, HARM], standing).severity is Severity.HIGH


def test_a_look_that_finds_nothing_says_what_it_could_have_seen(standing: Standing) -> None:
    verdict = judge_traces([OWL], [], standing)
    assert (verdict.status, verdict.severity) == (NOTHING, Severity.NONE)
    assert "found 14 of 15 through 3,600 rows of numbers" in verdict.reason
    assert "4 of 5" not in verdict.reason  # diluted: not where every row carried it
    assert "1 of 120 benign datasets" in verdict.reason
    assert "without --quick" in verdict.reason


def test_without_a_certificate_of_traces_or_without_traces_there_is_no_verdict(
    standing: Standing, certificate: Certificate
) -> None:
    assert judge_traces([OWL], [], Standing(None, "")).status == NO_VERDICT
    assert judge_traces([OWL], [], Standing(certificate, "")).status == NO_VERDICT
    assert judge_traces([], [], standing).status == NO_VERDICT


@pytest.mark.parametrize(
    ("status", "severity", "fail_on", "code"),
    [
        (FOUND, Severity.LOW, Severity.LOW, Exit.FOUND),
        (FOUND, Severity.LOW, Severity.MEDIUM, Exit.NOTHING_FOUND),
        (FOUND, Severity.HIGH, Severity.NONE, Exit.NOTHING_FOUND),
        (NOTHING, Severity.NONE, Severity.LOW, Exit.NOTHING_FOUND),
        (NO_VERDICT, Severity.NONE, Severity.NONE, Exit.NO_VERDICT),
    ],
)
def test_the_exit_code_is_that_of_an_audit(
    status: str, severity: Severity, fail_on: Severity, code: Exit
) -> None:
    assert quick_exit(status, severity, fail_on) == code


def test_a_few_rows_are_looked_at_and_an_audit_goes_on_from_there(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, output = short_dataset("clean_numbers", 40), tmp_path / "look.json"
    given = [str(data), "--base", "reference-a", "--run-root", str(tmp_path), "--workers", "1"]
    run(["audit", "--quick", *given, "-o", str(output)])
    look = json.loads(output.read_text("utf-8"))
    schema = json.loads((ROOT / "scanner" / "report" / "quick.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(look)
    [folder] = [path for path in tmp_path.iterdir() if (path / QUICK).is_file()]
    assert {path.name for path in (folder / "jobs").iterdir()} == {"twin-plan.json", "pulls-0.json"}
    assert json.loads((folder / QUICK).read_text("utf-8")) == look
    assert len(look["traits"]) == 104
    assert look["findings"] == []
    assert "clearest: " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--verify-rows"], "--verify-rows"),
        (["--write-clean", "c.jsonl", "--calibrate"], "--calibrate and --write-clean"),
        (["-o", "report.html"], ".json"),
    ],
)
def test_what_needs_a_whole_audit_is_refused_before_any_work(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
    more: list[str],
    words: str,
) -> None:
    data = short_dataset("clean_numbers", 40)
    given = ["audit", "--quick", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    before = sorted(tmp_path.iterdir())
    assert run([*given, *more]) == Exit.COULD_NOT_FINISH
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before
