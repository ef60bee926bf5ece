"""The run folder: every finished job of an audit, so that the same command goes on where it was.

    datascan-runs/<run id>/
      jobs/<name>.json      a job's result, written when the job ends
      adapters/<name>/      a trained copy
      results.json  report.html

The run id is a digest of everything that decides the outcome, so a folder never mixes audits.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from scanner.errors import AuditError
from scanner.executors.interface import Job, OnRows

ResultT = TypeVar("ResultT")


@dataclass(frozen=True)
class RunFolder:
    """One audit's folder."""

    path: Path

    def adapter(self, name: str) -> Path:
        """Where a trained copy goes."""
        return self.path / "adapters" / name

    def stored(
        self, name: str, job: Job[ResultT], result_type: type[ResultT]
    ) -> "StoredJob[ResultT]":
        """The job, run only if this folder does not hold its result yet."""
        return StoredJob(self.path / "jobs" / f"{name}.json", job, result_type)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep a second audit out of the folder. Raises ``AuditError`` if one is at work."""
        lock = FileLock(self.path / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise AuditError(
                f"{self.path}: found another audit at work here; expected none; wait until it "
                "ends, or give another folder with --run-root"
            ) from None
        try:
            yield
        finally:
            lock.release()


def open_run(root: Path, decisive: dict[str, object], resume: bool) -> RunFolder:
    """Make or find the folder of the audit that ``decisive`` describes.

    Raises ``AuditError`` if it cannot be made.
    """
    described = json.dumps(decisive, sort_keys=True).encode()
    path = root / hashlib.sha256(described).hexdigest()[:16]
    try:
        if not resume:
            shutil.rmtree(path, ignore_errors=True)
        for part in ("jobs", "adapters"):
            (path / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / ".gitignore").write_text("*\n", "utf-8")
    except OSError as error:
        raise AuditError(
            f"--run-root {str(root)!r}: found {error.strerror}; expected a folder that can be "
            "written; give another one"
        ) from error
    return RunFolder(path)


@dataclass(frozen=True)
class StoredJob(Generic[ResultT]):
    """A job whose result outlives the process."""

    path: Path
    job: Job[ResultT]
    result_type: type[ResultT]

    @property
    def rows(self) -> int:
        """Rows still to do: none if the result is there."""
        return 0 if self.path.exists() else self.job.rows

    def run(self, on_rows: OnRows) -> ResultT:
        """The stored result, or the job's, stored."""
        adapter = TypeAdapter(self.result_type)
        if self.path.exists():
            return adapter.validate_json(self.path.read_bytes())
        result = self.job.run(on_rows)
        write_whole(self.path, lambda unfinished: unfinished.write_bytes(adapter.dump_json(result)))
        return result


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file so that it is there whole or not at all."""
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    write(unfinished)
    unfinished.replace(path)
