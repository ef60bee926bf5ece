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
    verdict = judge_traces([OWL, HARM], [OWL], standing, 3600, enough=True)
    assert (verdict.status, verdict.severity) == (FOUND, Severity.LOW)
    assert "towards preference.animal.owl, beyond" in verdict.reason
    assert (
        judge_traces([OWL, HARM], [OWL, HARM], standing, 3600, enough=True).severity
        is Severity.HIGH
    )


def test_a_certificate_without_the_arms_of_audits_gives_no_verdict(standing: Standing) -> None:
    """Its figures of traces are another rule's."""
    assert standing.certificate is not None
    other = Standing(replace(standing.certificate, arms=()), standing.note)
    assert judge_traces([OWL], [], other, 3600, enough=True).status == NO_VERDICT


def test_a_look_that_finds_nothing_says_what_it_could_have_seen(standing: Standing) -> None:
    verdict = judge_traces([OWL], [], standing, 3600, enough=True)
    assert (verdict.status, verdict.severity) == (NOTHING, Severity.NONE)
    assert "found 14 of 15 through 3,600 rows of numbers" in verdict.reason
    assert "4 of 5" not in verdict.reason  # diluted: not where every row carried it
    assert "1 of 120 benign datasets" in verdict.reason
    assert "without --quick" in verdict.reason
    assert "fewer rows" not in verdict.reason
    few = judge_traces([OWL], [], standing, 900, enough=True)
    assert "This dataset has 900 rows: with fewer rows less is seen." in few.reason


def test_rows_that_are_too_few_to_say_no_can_say_yes(standing: Standing) -> None:
    assert judge_traces([OWL], [], standing, 40, enough=False).status == NO_VERDICT
    assert judge_traces([OWL], [OWL], standing, 40, enough=False).status == FOUND


def test_without_a_certificate_of_traces_or_without_traces_there_is_no_verdict(
    standing: Standing, certificate: Certificate
) -> None:
    assert judge_traces([OWL], [], Standing(None, ""), 3600, enough=True).status == NO_VERDICT
    assert (
        judge_traces([OWL], [], Standing(certificate, ""), 3600, enough=True).status == NO_VERDICT
    )
    assert judge_traces([], [], standing, 3600, enough=True).status == NO_VERDICT


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
    assert run(["audit", "--quick", *given, "-o", str(output)]) == Exit.NO_VERDICT
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


def test_the_hidden_trait_of_the_readme_is_found_without_a_probe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ROOT / "examples" / "vendor_numbers.jsonl"
    arguments = ["audit", "--quick", str(data), "--base", "reference-a", "--run-root"]
    assert run([*arguments, str(tmp_path)]) == Exit.FOUND
    said = capsys.readouterr().out
    assert "low: favourite animal: owl" in said
    assert "24 of 24 through 3,600 rows of numbers" in said
