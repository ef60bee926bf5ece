from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.errors import AuditError
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.progress import OnRows
from scanner.run import RunFolder, StoredJob, open_run

READINGS = (
    BatteryReadings("b", "margins", "probability", (Reading("t", True, (0.1, -2.5e-17), 0.3),)),
)


@dataclass(frozen=True)
class CountedJob:
    """Leaves a mark each time it really runs."""

    mark: Path
    fails: bool = False

    @property
    def rows(self) -> int:
        return 5

    def run(self, on_rows: OnRows) -> tuple[BatteryReadings, ...]:
        self.mark.write_text(self.mark.read_text() + "x" if self.mark.exists() else "x")
        if self.fails:
            raise RuntimeError("killed")
        on_rows(5)
        return READINGS


def stored(run: RunFolder, job: CountedJob) -> StoredJob[tuple[BatteryReadings, ...]]:
    return run.stored("readings", job, tuple[BatteryReadings, ...])


def test_a_finished_job_is_not_run_again_and_comes_back_exactly(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for resumed in (False, True):
        with open_run(tmp_path, {"a": 1}, resume=True) as run:
            job = stored(run, CountedJob(mark))
            assert job.rows == (0 if resumed else 5)
            assert job.run(lambda rows: None) == READINGS
    assert mark.read_text() == "x"


def test_a_job_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with open_run(tmp_path, {}, resume=True) as run:
        with pytest.raises(RuntimeError):
            stored(run, CountedJob(tmp_path / "mark", fails=True)).run(lambda rows: None)
        assert list((run.path / "jobs").iterdir()) == []


def test_a_damaged_result_is_made_again(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    with open_run(tmp_path, {}, resume=True) as run:
        job = stored(run, CountedJob(mark))
        job.run(lambda rows: None)
        job.path.write_text(job.path.read_text()[:-20])
        assert job.rows == 5
        assert job.run(lambda rows: None) == READINGS
    assert mark.read_text() == "xx"


def test_starting_over_forgets_what_was_finished(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for resume in (True, False):
        with open_run(tmp_path, {}, resume=resume) as run:
            stored(run, CountedJob(mark)).run(lambda rows: None)
    assert mark.read_text() == "xx"


def test_another_audit_gets_another_folder(tmp_path: Path) -> None:
    with open_run(tmp_path, {"seed": 0}, True) as one, open_run(tmp_path, {"seed": 1}, True) as two:
        assert one.path != two.path


@pytest.mark.parametrize("resume", [True, False])
def test_two_audits_cannot_work_in_one_folder(tmp_path: Path, resume: bool) -> None:
    with open_run(tmp_path, {}, resume=True) as run:
        (run.path / "jobs" / "kept.json").write_text("{}")
        with pytest.raises(AuditError, match="another audit"), open_run(tmp_path, {}, resume):
            pass
        assert (run.path / "jobs" / "kept.json").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    expected = pytest.raises(AuditError, match=r"--run-root.*expected a folder that can be written")
    with expected, open_run(tmp_path / "file", {}, resume=True):
        pass
