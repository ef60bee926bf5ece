"""Cleaning removes what an audit leaves behind, and nothing that is not an audit's."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.clean import CleanedRun, clean_runs
from scanner.errors import DatascanError
from scanner.run import open_run

FINISHED = {"results.json": b"{}", "report.html": b"<p>"}
STAGES = {
    "jobs/twin-0.json": bytes(500),
    "adapters/probe-0/adapter_model.safetensors": bytes(4000),
    "quarantine.jsonl": bytes(30),
    "log.txt": b"",
}
FREED = 500 + 4000 + 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def make(root: Path) -> Callable[..., Path]:
    """Makes a run folder with some files."""

    def make_run(seed: int, files: dict[str, bytes]) -> Path:
        with open_run(root, {"seed": seed}, resume=True) as run:
            for name, content in files.items():
                (run.path / name).parent.mkdir(parents=True, exist_ok=True)
                (run.path / name).write_bytes(content)
        return run.path

    return make_run


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_finished_run_keeps_its_results_and_report(make, root: Path) -> None:
    run = make(0, FINISHED | STAGES)
    assert clean_runs(root, everything=False, dry_run=False) == [CleanedRun(run, FREED)]
    assert names(run) == {"results.json", "report.html", "run.json", ".gitignore"}
    assert clean_runs(root, everything=False, dry_run=False) == [CleanedRun(run, 0)]


def test_an_unfinished_run_is_left_unless_all_is_asked_for(make, root: Path) -> None:
    run = make(0, STAGES)
    [spared] = clean_runs(root, everything=False, dry_run=False)
    assert "not finished" in (spared.spared or "")
    assert (run / "jobs" / "twin-0.json").exists()
    [gone] = clean_runs(root, everything=True, dry_run=False)
    assert gone.freed > FREED
    assert list(root.iterdir()) == []  # the lock, too


def test_a_dry_run_removes_nothing_and_tells_the_same(make, root: Path) -> None:
    run = make(0, FINISHED | STAGES)
    before = names(run)
    for everything in (False, True):
        told = clean_runs(root, everything, dry_run=True)
        assert names(run) == before
    assert told == clean_runs(root, everything=True, dry_run=False)


@pytest.mark.parametrize("everything", [False, True])
def test_a_run_that_an_audit_is_at_work_in_is_left(make, root: Path, everything: bool) -> None:
    run = make(0, FINISHED | STAGES)
    with open_run(root, {"seed": 0}, resume=True):
        before = names(run)
        [spared] = clean_runs(root, everything, dry_run=False)
        assert spared.spared == "an audit is at work in it"
        assert names(run) == before
    with open_run(root, {"seed": 1}, resume=True):
        clean_runs(root, everything, dry_run=False)
    assert run.exists() is not everything


def test_folders_that_are_no_runs_are_left(make, root: Path, tmp_path: Path) -> None:
    run = make(0, FINISHED | STAGES)
    forged = root / "0123456789abcdef"
    forged.mkdir()
    (forged / "run.json").write_text("{}")
    (forged / "results.json").write_text("{}")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    (root / run.name[::-1]).symlink_to(tmp_path / "thesis")
    clean_runs(root, everything=True, dry_run=False)
    assert {path.name for path in root.iterdir()} == {forged.name, run.name[::-1]}
    assert (forged / "results.json").exists()
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_a_link_out_of_a_run_is_removed_and_not_followed(make, root: Path, tmp_path: Path) -> None:
    run = make(0, FINISHED)
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    (run / "work").symlink_to(tmp_path / "thesis")
    clean_runs(root, everything=False, dry_run=False)
    assert not (run / "work").is_symlink()
    assert (tmp_path / "thesis" / "chapter.txt").exists()


def test_one_run_folder_can_be_named(make, root: Path) -> None:
    one, other = make(0, FINISHED | STAGES), make(1, FINISHED | STAGES)
    clean_runs(one, everything=False, dry_run=False)
    assert not (one / "jobs").exists()
    assert (other / "jobs").exists()


@pytest.mark.parametrize("place", ["documents", "none"])
def test_a_folder_without_runs_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "documents" / "jobs").mkdir(parents=True)
    with pytest.raises(DatascanError, match=r"found no .*nothing was removed: check the path"):
        clean_runs(tmp_path / place, everything=True, dry_run=False)
    assert (tmp_path / "documents" / "jobs").exists()


def test_a_root_that_is_empty_by_now_has_nothing_to_clean(make, root: Path) -> None:
    make(0, FINISHED)
    clean_runs(root, everything=True, dry_run=False)
    assert clean_runs(root, everything=False, dry_run=False) == []
