"""What an audit writes: results first, everything else after, nothing over what it read."""

import json
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.outputs import check_outputs, write_audit
from scanner.errors import ReportError
from scanner.report.file_format import Format
from scanner.report.formats import audit_formats, calibration_formats
from scanner.report.row_text import Evidence

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.fixture
def results() -> dict[str, Any]:
    made: dict[str, Any] = json.loads((GOLDEN / "results/shift_high.json").read_text("utf-8"))
    return made


def test_the_record_is_whole_and_what_is_handed_on_is_not(results, tmp_path: Path) -> None:
    paths = write_audit(results, tmp_path, [tmp_path / "copy.json", tmp_path / "x.md"])
    assert json.loads(paths.json.read_text("utf-8")) == results
    assert "jane.doe" in paths.json.read_text("utf-8")
    assert "jane.doe" not in (tmp_path / "copy.json").read_text("utf-8")
    assert paths.html.exists()
    assert (tmp_path / "x.md").exists()


def test_results_are_on_disk_when_a_report_cannot_be_made(
    results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> str:
        raise ZeroDivisionError("no seeds")

    broken_formats = (Format("html", (".html",), broken),)
    monkeypatch.setattr("scanner.report.formats.audit_formats", lambda evidence: broken_formats)
    with pytest.raises(ZeroDivisionError):
        write_audit(results, tmp_path, [])
    assert json.loads((tmp_path / "results.json").read_text("utf-8")) == results


def test_a_results_folder_that_cannot_be_written(results, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportError, match=r"results\.json: found .*give another place with --run"):
        write_audit(results, tmp_path / "file", [])


def test_the_candidate_is_not_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("data.json").write_text("[]")
    with pytest.raises(ReportError, match="found the file that is read"):
        check_outputs([Path("./data.json")], audit_formats(Evidence.NONE), [Path("data.json")])


def test_a_certificate_has_fewer_formats() -> None:
    with pytest.raises(ReportError, match=r"expected one of \.json, \.html; rename it"):
        check_outputs([Path("x.sarif")], calibration_formats())
