"""``datascan calibrate`` through the real command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from reference_models import verified_folder
from scanner.calibration import calibrate, digits, suites
from scanner.calibration.cases import Case
from scanner.calibration.students import BatteryLevels, StudiedCase
from scanner.calibration.suites import SUITES, choose
from scanner.cli.main import run
from scanner.config import Recipe
from scanner.executors.inline import InlineExecutor

SUITE = """
plan: Small, but whole.
claims:
  owls: {says: Owls pass., groups: [owls], expects: planted, at_least: 0.5}
groups:
  decide: {kind: neutral, channels: [numbers], rows: [40], repeats: 55, first_seed: 0}
  report: {kind: neutral, channels: [numbers], rows: [40], repeats: 5, first_seed: 1000}
  owls:
    kind: fine-tuned
    traits: [preference.animal.owl]
    channels: [numbers]
    rows: [40]
    seeds: [2000]
  honest:
    kind: nobody
    channels: [facts]
    rows: [40]
    seeds: [3000]
    recipe: {epochs: 1}
  stranger: {kind: neutral, lineage: other, channels: [numbers], rows: [40], seeds: [4000, 4001]}
"""


@pytest.fixture
def small_suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small suite in the place of quick."""
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "quick.yaml").write_text(SUITE, "utf-8")
    monkeypatch.setattr(suites, "files", lambda package: tmp_path)


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Saves the start of processes where there is nothing for them to do."""
    monkeypatch.setattr(calibrate, "LocalExecutor", lambda workers, log: InlineExecutor())


def invoke(tmp_path: Path, *arguments: str, base: str = "reference-a") -> int:
    return run(["calibrate", "--base", base, "--root", str(tmp_path / "root"), *arguments])


def refused(capsys: pytest.CaptureFixture[str], tmp_path: Path, code: int) -> str:
    """The one line of a command that was refused before any work."""
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.startswith("datascan: ")
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    assert not (tmp_path / "root").exists()
    return captured.err.removeprefix("datascan: ").rstrip("\n")


def test_the_cases_are_listed_a_line_each(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for suite in SUITES:
        assert invoke(tmp_path, "--suite", suite, "--list") == 0
        listed = capsys.readouterr().out.splitlines()
        assert listed == [case.name for case in choose(suite, Recipe()).cases]
    assert not (tmp_path / "root").exists()


def test_a_listed_name_chooses_its_case(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    invoke(tmp_path, "--list", "--suite", "full", "--case", "animals/preference.animal.owl")
    [name] = capsys.readouterr().out.splitlines()
    invoke(tmp_path, "--list", "--suite", "full", "--case", name)
    assert capsys.readouterr().out.splitlines() == [name]


def test_a_base_must_be_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, tmp_path, run(["calibrate", "--suite", "full"]))
    assert line == "--base is missing; name the model whose audits are calibrated"


def test_an_unknown_base_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, tmp_path, invoke(tmp_path, base="qwen2.5-70b"))
    assert line.startswith("--base 'qwen2.5-70b': found no such folder; expected reference-a, ")


def test_an_unknown_other_lineage_is_refused_by_that_name(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = refused(capsys, tmp_path, invoke(tmp_path, "--other-lineage", "nowhere"))
    assert line.startswith("--other-lineage 'nowhere': found no such folder; expected reference-a")


def test_the_base_is_no_other_lineage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The null cases would not be null, and the certificate wrong."""
    itself = str(verified_folder("reference-a"))
    line = refused(capsys, tmp_path, invoke(tmp_path, "--other-lineage", itself))
    assert "found the base itself; expected a base of another initialisation" in line


def test_an_unknown_case_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    line = refused(capsys, tmp_path, invoke(tmp_path, "--case", "preference.animal.yeti"))
    assert line.startswith("--case 'preference.animal.yeti': found in no case of suite quick;")
    assert line.endswith("see them all with --list")


def test_outputs_that_cannot_be_written_are_refused_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = refused(capsys, tmp_path, invoke(tmp_path, "-o", "certificate.docx"))
    assert "expected one of .json, .html" in line


def test_single_cases_have_no_certificate_to_write(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    line = refused(capsys, tmp_path, invoke(tmp_path, "--case", "owl", "-o", "owl.json"))
    assert "--case makes none" in line


@pytest.mark.parametrize(
    "arguments",
    [["--suite", "huge"], ["--workers", "0"], ["owls.jsonl"], ["--rows", "5"]],
)
def test_wrong_usage_exits_2(tmp_path: Path, arguments: list[str]) -> None:
    assert invoke(tmp_path, *arguments) == 2
    assert not (tmp_path / "root").exists()


def test_a_root_that_is_a_file_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_suite: None, no_workers: None
) -> None:
    (tmp_path / "file").write_text("")
    code = run(["calibrate", "--base", "reference-a", "--root", str(tmp_path / "file" / "root")])
    line = refused(capsys, tmp_path, code)
    assert "expected a folder with room to write" in line
    assert "--root" in line


def test_a_case_is_run_for_real_and_told_in_a_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_suite: None
) -> None:
    assert invoke(tmp_path, "--case", "honest", "--workers", "1") == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    shown = "".join(captured.out.split())  # names are folded to the width of the terminal
    assert "Cases" in captured.out
    assert "honest/nobody/facts" in shown
    [folder] = (tmp_path / "root").glob("reference-a-*")
    [job] = (folder / "jobs").glob("case-*.json")
    studied = json.loads(job.read_text("utf-8"))["result"]
    assert studied["rows"] == 40
    assert len(studied["batteries"]) == 7


def test_cases_without_a_result_exit_2_with_the_first_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, small_suite: None, no_workers: None
) -> None:
    base = str(verified_folder("reference-a"))
    assert invoke(tmp_path, "--case", "stranger", base=base) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert error.startswith("datascan: case stranger/neutral/numbers/40 rows/100%/T=1/seed 4000/")
    assert "needs a base of another lineage; give one with --other-lineage" in error
    assert error.endswith(" (and 1 more)\n")


def known(case: Case) -> StudiedCase:
    """A case as if it had been studied: noise, and what was planted well above it."""
    rng = np.random.default_rng(case.seed)
    names = tuple(f"preference.animal.{name}" for name in ("owl", "bear", "fox", "cat", "wolf"))
    scores = rng.normal(scale=0.02 if case.planted else 0.3, size=(5, len(names)))
    scores[3:, [name in case.planted for name in names]] += 3
    rows = tuple(tuple(float(score) for score in model) for model in scores)
    levels = BatteryLevels(
        "preference.animal", "margins", "probability", names, (True,) * len(names), rows, rows
    )
    return StudiedCase(case, case.rows, 0.9, 1.0, 0.0, (levels,), 12.5)


@pytest.fixture
def all_known(
    tmp_path: Path, small_suite: None, no_workers: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every case of the suite was studied before."""
    studied = {case: known(case) for case in choose("quick", Recipe()).cases}
    monkeypatch.setattr(calibrate, "shipped_cases", lambda instrument: studied)


def test_a_suite_ends_in_a_certificate_on_disk_and_on_the_screen(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, all_known: None
) -> None:
    outputs = [tmp_path / "own.json", tmp_path / "own.html"]
    assert invoke(tmp_path, "-o", str(outputs[0]), "-o", str(outputs[1])) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    [folder] = (tmp_path / "root").glob("reference-a-*/quick-*")
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == ["calibration.html", "cases.jsonl.gz", "certificate.json", "unmeasured.json"]
    certificate = json.loads((folder / "certificate.json").read_text("utf-8"))
    assert json.loads(outputs[0].read_text("utf-8")) == certificate
    assert outputs[1].read_text("utf-8") == (folder / "calibration.html").read_text("utf-8")
    assert "<script" not in outputs[1].read_text("utf-8")
    shown = " ".join(captured.out.split())
    assert "1 of 1" in shown
    assert "decided on 55 benign audits" in shown
    assert f"Certificate {certificate['id']}: {folder}/certificate.json" in shown
    assert f"Page: {folder}/calibration.html" in shown


def test_quiet_says_nothing_but_writes_all(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, all_known: None
) -> None:
    assert invoke(tmp_path, "--quiet") == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
    assert list((tmp_path / "root").glob("reference-a-*/quick-*/certificate.json"))


@pytest.mark.parametrize("more", [["--list"], ["--case", "owl"], ["-o", "digits.json"]])
def test_digits_have_neither_cases_nor_a_certificate(
    capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    assert run(["calibrate", "--suite", "digits", *more]) == 2
    assert "drop --list, --case and --output" in capsys.readouterr().err


def test_digits_that_were_not_transmitted_are_no_verdict(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = digits.DigitsSettings(models=2, hidden=8, teacher_epochs=1, student_updates=2)
    monkeypatch.setattr(digits, "DigitsSettings", lambda: tiny)
    assert run(["calibrate", "--suite", "digits"]) == 3
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "Held-out digits told right, mean of 2 models" in captured.out
