"""What an audit writes: results first, everything else after, nothing over what it read."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.outputs import check_outputs, write_audit, write_outputs
from scanner.errors import ReportError
from scanner.report.file_format import Format
from scanner.report.formats import audit_formats, calibration_formats
from scanner.report.row_text import Evidence

FORMATS = audit_formats(Evidence.NONE)
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
    expected = r"results\.json: found .*; expected to write the results there; .*give another place"
    with pytest.raises(ReportError, match=expected):
        write_audit(results, tmp_path / "file", [])


def test_what_does_not_fit_on_the_disk_is_one_line_and_leaves_nothing(
    results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    expected = "results.json: found No space left on device; .*: finished stages are kept"
    with pytest.raises(ReportError, match=expected):
        write_audit(results, tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_one_unwritable_output_keeps_no_other_from_being_written(results, tmp_path: Path) -> None:
    outputs = [tmp_path / "no/a.md", tmp_path / "b.csv", tmp_path / "no/c.md"]
    (tmp_path / "no").write_text("a file, and no folder")
    expected = r"a\.md: found .*; expected to write the report there \(and 1 more\); make room"
    with pytest.raises(ReportError, match=expected):
        write_outputs(results, outputs, FORMATS)
    assert (tmp_path / "b.csv").exists()


def test_the_candidate_is_not_written_over(tmp_path: Path) -> None:
    data = tmp_path / "rows.json"
    data.write_text("[]")
    (tmp_path / "link.json").symlink_to(data)
    os.link(data, tmp_path / "hard.json")
    for name in ("rows.json", "../" + tmp_path.name + "/rows.json", "link.json", "hard.json"):
        with pytest.raises(ReportError, match="found the file that is read; expected another one"):
            check_outputs([tmp_path / name], FORMATS, [tmp_path / "*.jsonl", data])
    check_outputs([tmp_path / "new.json"], FORMATS, [data])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write")
def test_a_folder_that_cannot_be_written_is_refused_before_any_work() -> None:
    with pytest.raises(ReportError, match=r"'/proc/report.html': found .*; expected a place that"):
        check_outputs([Path("/proc/report.html")], FORMATS)


def test_a_name_that_is_too_long_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="found File name too long"):
        check_outputs([tmp_path / f"{'r' * 260}.html"], FORMATS)


def test_a_certificate_has_fewer_formats() -> None:
    with pytest.raises(ReportError, match=r"expected one of \.json, \.html, \.md; rename it"):
        check_outputs([Path("x.sarif")], calibration_formats())
