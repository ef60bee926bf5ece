"""Audits that stand on a certificate, that were given the wrong one, and that found none to fit."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.calibration import standing
from scanner.cli.main import run
from scanner.config import AuditSettings, Recipe
from scanner.executors.inline import InlineExecutor
from scanner.given import standing_of
from scanner.report.checking import load_schema

Save = Callable[..., Path]
ROWS = 40


@dataclass(frozen=True)
class Auditor:
    """Audits the first rows of the clean example; finished stages are used again."""

    folder: Path

    def audit(self, *more: str) -> tuple[int, dict[str, Any]]:
        """Exit code and results, valid by the schema."""
        output = self.folder / "results.json"
        code = self.try_audit("-o", str(output), *more)
        results = json.loads(output.read_text("utf-8"))
        Draft202012Validator(load_schema()).validate(results)
        return code, results

    def try_audit(self, *more: str) -> int:
        """Exit code alone."""
        data, runs = str(self.folder / "data.jsonl"), str(self.folder / "runs")
        arguments = ["audit", data, "--base", "reference-a", "--run-root", runs]
        return run([*arguments, "--workers", "1", "--quiet", *more])


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    """One dataset and one run folder for all tests: they train once."""
    folder = tmp_path_factory.mktemp("audits")
    example = Path(__file__).parents[2] / "examples" / "clean_numbers.jsonl"
    rows = example.read_text("utf-8").split("\n")[:ROWS]
    (folder / "data.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    return Auditor(folder)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most audits here find every stage finished: a worker's start would take longer."""
    monkeypatch.setattr("scanner.audit.LocalExecutor", lambda workers, log: InlineExecutor())


@pytest.fixture(autouse=True)
def nothing_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No certificate but the tests' own: none is shipped, and the working folder is empty."""
    monkeypatch.setattr(standing, "SHIPPED", tmp_path / "shipped")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fitting() -> dict[str, Any]:
    """What a certificate must say to speak for these audits."""
    return {
        "base_revision": find_base("reference-a").revision,
        "recipe": Recipe().as_dict(),
        "batteries": {battery.id: battery.sha256 for battery in load_batteries()},
    }


def test_an_audit_stands_on_the_certificate_it_is_given(
    auditor: Auditor, save_certificate: Save, tmp_path: Path, fitting: dict[str, Any]
) -> None:
    path = save_certificate(tmp_path / "mine.json", **fitting)
    code, results = auditor.audit("--calibration", str(path))
    assert code == 3  # so few rows could not have shown anything, whatever the calibration
    assert results["thresholds"]["error_rate"] == 0.03125
    calibration = results["calibration"]
    assert (calibration["id"], calibration["suite"], calibration["audits"]) == (
        "0123456789abcdef",
        "full",
        2,
    )
    assert (calibration["threshold"], calibration["alarms"]) == (0.03125, 2)
    assert calibration["detectable"] == [
        {
            "channel": "numbers",
            "rows": 3600,
            "share": 0.125,
            "power_at_full": 0.999,
            "unmeasured": None,
        },
        {
            "channel": "code",
            "rows": 4000,
            "share": None,
            "power_at_full": 0.4567,
            "unmeasured": None,
        },
    ]
    note = results["calibration_note"]
    assert note.startswith("It stands on calibration 0123456789abcdef (2 audits of reference-a;")
    assert note.endswith(f"This dataset has {ROWS} rows: with fewer rows less is seen.")
    [report] = (auditor.folder / "runs").glob("*/report.html")
    assert "calibration 0123456789abcdef" in report.read_text("utf-8")


def test_the_users_own_certificate_is_found_by_itself_and_its_threshold_decides(
    auditor: Auditor, save_certificate: Save, certificate, tmp_path: Path, fitting: dict[str, Any]
) -> None:
    """With a threshold of 1 every trait that moved is a finding, without one there is none."""
    own = tmp_path / "datascan-calibrations" / "reference-a-00" / "quick" / "certificate.json"
    lax = vars(certificate.operating_point) | {"threshold": 1.0}
    save_certificate(own, **fitting, operating_point=type(certificate.operating_point)(**lax))
    _, calibrated = auditor.audit()
    own.unlink()
    _, uncalibrated = auditor.audit()
    assert (calibrated["calibration"]["threshold"], uncalibrated["calibration"]) == (1.0, None)
    moved = {t["trait"] for t in calibrated["traits"] if t["shift"] >= 0.25}
    assert {t["trait"] for t in calibrated["findings"]} == moved
    assert uncalibrated["findings"] == []


def test_one_that_does_not_fit_is_not_used_and_the_note_says_why(
    auditor: Auditor, save_certificate: Save, tmp_path: Path, fitting: dict[str, Any]
) -> None:
    folder = tmp_path / "datascan-calibrations"
    save_certificate(folder / "a.json", **fitting | {"recipe": Recipe(rank=4).as_dict()})
    (folder / "damaged.json").write_text("{")
    _, results = auditor.audit()
    assert results["calibration"] is None
    assert results["thresholds"]["error_rate"] == 0.01
    assert results["calibration_note"] == (
        "Calibration 0123456789abcdef of this base was not used: it is of another recipe: rank 4, "
        "here 8. Thresholds are conservative, and the share of poisoned rows that would have been "
        "seen is not known."
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"base_revision": "sha256:00"}, "it is of base reference-a (sha256:00)"),
        (
            {"recipe": {"rank": 8, "epochs": 3}},
            "found a recipe of rank, epochs; expected rank, alpha",
        ),
        ({"batteries": {}}, "other batteries: "),
        ({"pairs": 5}, "it is of audits with 5 pairs of probe and control, here 2"),
        ({"schema_version": "0.9"}, "version 0.9; expected 1.0"),
    ],
)
def test_a_certificate_for_another_audit_is_refused_before_anything_is_trained(
    auditor: Auditor,
    save_certificate: Save,
    tmp_path: Path,
    fitting: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    why: str,
) -> None:
    path = save_certificate(tmp_path / "other.json", **fitting | changes)
    code = auditor.try_audit("--run-root", str(tmp_path / "runs"), "--calibration", str(path))
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    [line] = captured.err.splitlines()
    assert line.startswith("datascan: ")
    assert str(path) in line
    assert why in line
    assert not (tmp_path / "runs").exists()


def test_an_audit_trains_by_the_certificate_it_is_given(
    auditor: Auditor, save_certificate: Save, tmp_path: Path, fitting: dict[str, Any]
) -> None:
    """Those of suite paper are of the published recipe, which no flags of an audit give."""
    recipe = Recipe(alpha=8, epochs=1, rows_per_step=8, learning_rate=2e-4, warmup_steps=5)
    path = save_certificate(tmp_path / "paper.json", **fitting | {"recipe": recipe.as_dict()})
    _, results = auditor.audit("--calibration", str(path))
    assert results["recipe"] == recipe.as_dict()
    assert results["calibration"]["id"] == "0123456789abcdef"


def test_flags_that_contradict_the_certificate_are_refused(
    auditor: Auditor,
    save_certificate: Save,
    tmp_path: Path,
    fitting: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = save_certificate(tmp_path / "mine.json", **fitting)
    assert auditor.try_audit("--calibration", str(path), "--epochs", "6") == 2
    assert "another recipe: epochs 3, here 6" in capsys.readouterr().err


def test_a_missing_certificate_is_refused(
    auditor: Auditor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert auditor.try_audit("--calibration", str(tmp_path / "none.json")) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "none.json: found No such file or directory; expected a certificate" in line


def test_calibrate_makes_no_certificate_where_one_fits(
    auditor: Auditor,
    save_certificate: Save,
    tmp_path: Path,
    fitting: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = []
    monkeypatch.setattr(
        "scanner.calibration.calibrate.calibrate",
        lambda settings, progress: wanted.append(settings),
    )
    own = save_certificate(tmp_path / "datascan-calibrations" / "a.json", **fitting)
    auditor.try_audit("--calibrate")
    assert wanted == []
    own.unlink()
    auditor.try_audit("--calibrate")
    [settings] = wanted
    assert (settings.base, settings.suite, settings.workers) == ("reference-a", "quick", 1)
    assert settings.recipe == Recipe()
    assert settings.root == Path("datascan-calibrations")


def test_calibrate_is_refused_where_no_certificate_would_fit(
    auditor: Auditor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A calibration has two pairs a case: to make one first would take hours for nothing."""
    assert auditor.try_audit("--calibrate", "--pairs", "3") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert "--calibrate: found --pairs 3; expected 2" in line
    assert not (tmp_path / "datascan-calibrations").exists()


def test_an_audit_with_more_pairs_stands_on_no_certificate_of_two(
    save_certificate: Save, tmp_path: Path, fitting: dict[str, Any]
) -> None:
    save_certificate(tmp_path / "datascan-calibrations" / "a.json", **fitting)
    two = AuditSettings((Path("data.jsonl"),), "reference-a")
    assert standing_of(two).certificate is not None
    three = standing_of(replace(two, seeds=(0, 1, 2)))
    assert three.certificate is None
    assert "with 2 pairs of probe and control, here 3" in three.note
