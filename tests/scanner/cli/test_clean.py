"""``datascan clean``: what it says, and how it ends."""

from pathlib import Path

import pytest

from scanner.cli.main import run
from scanner.run import open_run


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A finished run of 2.5 kB beside its report, and an unfinished one."""
    for seed in (0, 1):
        with open_run(tmp_path / "runs", {"seed": seed}, resume=True) as made:
            (made.path / "jobs" / "twin-0.json").write_bytes(bytes(2500))
            if seed == 0:
                (made.path / "results.json").write_text("{}")
    return tmp_path / "runs"


def finished(root: Path) -> Path:
    [results] = root.glob("*/results.json")
    return results.parent


@pytest.mark.parametrize(("options", "freed"), [([], "freed"), (["--dry-run"], "would be freed")])
def test_says_what_it_freed_and_what_it_left(
    root: Path, capsys: pytest.CaptureFixture[str], options: list[str], freed: str
) -> None:
    assert run(["clean", str(root), *options]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert f"{finished(root)}: 2.5 kB {freed}" in lines
    assert sum("not finished; the same command goes on there, --all removes it" in x for x in lines)
    assert lines[-1] == f"2.5 kB {freed} in all"
    assert (finished(root) / "jobs").exists() is bool(options)


def test_all_removes_every_run(root: Path) -> None:
    assert run(["clean", str(root), "--all"]) == 0
    assert list(root.iterdir()) == []


def test_a_folder_that_is_no_run_root_exits_2_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    assert run(["clean", str(tmp_path), "--all"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "found no run folder in it; expected" in captured.err
    assert (tmp_path / "thesis.txt").exists()


def test_names_of_folders_reach_the_terminal_tamed(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = root.rename(root.with_name("\x1b]0;owned\x07##[error]"))
    assert run(["clean", str(hostile)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "##[" not in out
