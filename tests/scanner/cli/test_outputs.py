"""Outputs are refused before any work, and fail with one line after it."""

import errno
import os
from pathlib import Path

import pytest

from scanner.cli.outputs import check_outputs, write_outputs
from scanner.errors import AuditError


def test_an_output_that_would_replace_the_data_is_refused(tmp_path: Path) -> None:
    data = tmp_path / "rows.json"
    data.write_text("[]")
    (tmp_path / "link.json").symlink_to(data)
    for output in (data, tmp_path / "link.json"):
        with pytest.raises(AuditError, match="found the audited data; expected another file"):
            check_outputs([output], [tmp_path / "more.json", data])
    check_outputs([tmp_path / "new.json"], [data])


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder nobody can write")
def test_a_folder_that_cannot_be_written_is_refused_before_any_work() -> None:
    with pytest.raises(AuditError, match=r"'/proc/report.html': found .*; expected a place that"):
        check_outputs([Path("/proc/report.html")])


def test_a_name_that_is_too_long_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="found File name too long"):
        check_outputs([tmp_path / f"{'r' * 260}.html"])


def test_results_that_do_not_fit_are_an_error_for_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    expected = "results.json: found No space left on device; .*: finished stages are kept"
    with pytest.raises(AuditError, match=expected):
        write_outputs({}, tmp_path, [])
    assert list(tmp_path.iterdir()) == []
