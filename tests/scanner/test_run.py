import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import AuditError
from scanner.evidence.interface import BatteryReadings, Reading
from scanner.progress import OnRows
from scanner.run import RunFolder, is_run, open_run
from scanner.stored import StoredJob

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


def test_a_run_is_its_owners_alone_from_the_start(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for _ in range(2):
            with open_run(tmp_path, {}, resume=True) as run:
                stored(run, CountedJob(tmp_path / "mark")).run(lambda rows: None)
            inside = [run.path, *run.path.rglob("*")]
            assert {path.stat().st_mode & 0o777 for path in inside if path.is_dir()} == {0o700}
            assert {path.stat().st_mode & 0o777 for path in inside if path.is_file()} == {0o600}
            run.path.chmod(0o755)  # as a copy may be
    finally:
        os.umask(before)


def test_a_run_says_what_names_it(tmp_path: Path) -> None:
    with open_run(tmp_path, {"rows": "aa", "seeds": [0, 1]}, resume=True) as run:
        assert '"rows": "aa"' in (run.path / "run.json").read_text()
        assert is_run(run.path)
    (run.path / "run.json").write_text("{}")
    assert not is_run(run.path)
    with open_run(tmp_path, {"rows": "aa", "seeds": [0, 1]}, resume=True) as again:
        assert again.path == run.path
        assert is_run(again.path)


def leave_half(run: RunFolder) -> None:
    """What a job leaves that is ended in the middle of its training, or of writing its result."""
    half = run.path / "adapters" / ".datascan-0123456789abcdef.tmp"
    half.mkdir()
    (half / "adapter_model.safetensors").write_bytes(b"x")
    (run.path / "jobs" / ".datascan-fedcba9876543210.tmp").write_text("{")


def test_what_a_killed_audit_left_half_done_is_removed(tmp_path: Path) -> None:
    with open_run(tmp_path, {}, resume=True) as run:
        pass
    leave_half(run)
    with open_run(tmp_path, {}, resume=True):
        assert not list(run.path.rglob(".datascan-*"))


def test_what_a_failing_audit_leaves_half_done_is_removed_at_once(tmp_path: Path) -> None:
    """Its other workers are ended where they are; the disk may be full of what they wrote."""

    def fail() -> None:
        with open_run(tmp_path, {}, resume=True) as run:
            leave_half(run)
            raise AuditError("one job of several")

    with pytest.raises(AuditError):
        fail()
    assert list(tmp_path.glob("*/jobs"))
    assert not list(tmp_path.rglob(".datascan-*"))


def two_jobs(root: Path, marks: list[Path]) -> None:
    with open_run(root, {}, resume=True) as run:
        for mark in marks:
            job = run.stored(mark.name, CountedJob(mark), tuple[BatteryReadings, ...])
            job.run(lambda rows: None)


def full_after(writes: int, intact: Callable[..., Any]) -> Callable[..., Any]:
    """A system call that finds the disk full after so many calls."""
    left = iter(range(writes))

    def call(*args: Any, **more: Any) -> Any:
        if next(left, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return intact(*args, **more)

    return call


@pytest.mark.parametrize("call", ["fsync", "replace", "open", "mkdir"])
def test_a_disk_that_is_full_at_any_moment_costs_no_finished_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Full at the first write, then at the second, until an audit comes through."""
    root, marks = tmp_path / "runs", [tmp_path / "first", tmp_path / "second"]
    for writes in range(100):
        finished = {path.stem for path in root.glob("*/jobs/[!.]*")}
        times_run = {mark: mark.read_text() for mark in marks if mark.name in finished}
        with monkeypatch.context() as patch:
            patch.setattr(os, call, full_after(writes, getattr(os, call)))
            try:
                two_jobs(root, marks)
                break
            except AuditError as error:
                assert "found No space left on device; expected a " in str(error)
                assert "\n" not in str(error)
        assert {mark: mark.read_text() for mark in times_run} == times_run
    assert 2 <= writes < 99
    before = [mark.read_text() for mark in marks]
    two_jobs(root, marks)
    assert [mark.read_text() for mark in marks] == before
    assert not list(root.rglob(".datascan-*"))


def test_a_defect_of_ours_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_run(tmp_path, {}, resume=True):
        (tmp_path / "none").read_text()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    expected = pytest.raises(AuditError, match=r"--run-root.*expected a folder that can be written")
    with expected, open_run(tmp_path / "file", {}, resume=True):
        pass
