"""Cleaning: what finished audits leave behind, apart from what they found.

A probe's adapter may be a poisoned model, and a stage's file may hold copies of rows: neither
should lie about longer than it is of use.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import AuditError, DatascanError
from scanner.run import DECISIVE, REPORT, RESULTS, is_run, lock_of

KEPT = (RESULTS, REPORT, DECISIVE, ".gitignore")
"""What stays of a finished run. A list of what goes would miss what a later version adds."""


@dataclass(frozen=True)
class CleanedRun:
    """What became of one run folder."""

    path: Path
    freed: int
    """Bytes of the files that are gone, or would be."""
    spared: str | None = None
    """Why the run was left as it is, or None."""


def clean_runs(root: Path, everything: bool, dry_run: bool) -> list[CleanedRun]:
    """Reduce the finished runs in ``root`` to their results and report.

    ``everything`` removes whole runs, unfinished ones too; ``dry_run`` removes nothing. Runs that
    an audit is at work in are left alone, and so is whatever is no run folder. ``root`` may be a
    run folder itself. Raises ``DatascanError`` if there is no run folder, and ``OSError`` if one
    cannot be removed.
    """
    return [_clean(run, everything, dry_run) for run in _runs(root)]


def _runs(root: Path) -> list[Path]:
    root = root.absolute()
    if not root.is_dir():
        raise _refusal(root, "no such folder")
    if is_run(root):
        return [root]
    inside = sorted(path for path in root.iterdir() if not path.name.startswith("."))
    runs = [path for path in inside if is_run(path)]
    if inside and not runs:
        raise _refusal(root, "no run folder in it")
    return runs


def _refusal(root: Path, found: str) -> DatascanError:
    return DatascanError(
        f"{root}: found {found}; expected the folder that `datascan audit --run-root` names, or "
        "one run folder; nothing was removed: check the path"
    )


def _clean(run: Path, everything: bool, dry_run: bool) -> CleanedRun:
    if not everything and not (run / RESULTS).is_file():
        return CleanedRun(run, 0, "not finished; the same command goes on there, --all removes it")
    try:
        with lock_of(run) as lock:
            going = [path for path in run.iterdir() if everything or path.name not in KEPT]
            freed = sum(_size(path) for path in going)
            if not dry_run:
                _remove(going)
            if everything and not dry_run:
                run.rmdir()
                lock.unlink()
    except AuditError:
        return CleanedRun(run, 0, "an audit is at work in it")
    return CleanedRun(run, freed)


def _remove(paths: list[Path]) -> None:
    """Remove files and folders, and what names the run last: killed meanwhile, it still is one."""
    for path in sorted(paths, key=lambda path: path.name == DECISIVE):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _size(path: Path) -> int:
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    return sum(file.lstat().st_size for file in (path, *inside) if not file.is_dir())
