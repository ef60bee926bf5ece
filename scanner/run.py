"""The run folder: every finished job of an audit, so that the same command goes on where it was.

    datascan-runs/<run id>/
      jobs/<name>.json      a job's result, written when the job ends
      adapters/<name>/      a trained copy
      results.json  report.html

The run id is a digest of everything that decides the outcome, so a folder never mixes audits.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

import scanner
from scanner.errors import AuditError
from scanner.executors.interface import Job
from scanner.files import write_atomic
from scanner.progress import OnRows

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
def open_run(root: Path, decisive: dict[str, object], resume: bool) -> Iterator[RunFolder]:
    """Make or find the folder of the audit that ``decisive`` describes, and keep others out.

    Without ``resume`` it begins empty. Raises ``AuditError`` if it cannot be made or another
    audit is at work in it.
    """
    described = json.dumps({**decisive, "sources": sources_sha256()}, sort_keys=True).encode()
    path = root.absolute() / hashlib.sha256(described).hexdigest()[:16]
    with _writable(root), open_folder(path, resume) as folder:
        yield folder


@contextmanager
def open_folder(path: Path, resume: bool = True) -> Iterator[RunFolder]:
    """Make or find a folder of finished jobs, and keep others out; see ``open_run``.

    Raises ``OSError`` if it cannot be made, and ``AuditError`` if another command works in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        if not resume:
            shutil.rmtree(path, ignore_errors=True)
        for part in ("jobs", "adapters"):
            (path / part).mkdir(parents=True, exist_ok=True, mode=0o700)
        (path / ".gitignore").write_text("*\n", "utf-8")
        yield RunFolder(path)


def sources_sha256() -> str:
    """Digest of our own code: a folder never mixes what two versions of it computed."""
    digest = hashlib.sha256()
    for file in sorted(Path(scanner.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


@contextmanager
def _writable(root: Path) -> Iterator[None]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        raise AuditError(
            f"--run-root {str(root)!r}: found {error.strerror}; expected a folder that can be "
            "written; give another one"
        ) from error
    yield


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock beside the folder, so that it outlives the folder's removal."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AuditError(
            f"{path}: found another audit or calibration at work here; expected none; wait until "
            "it ends, or give another folder with --run-root (audit) or --root (calibrate)"
        ) from None
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True)
class StoredJob(Generic[ResultT]):
    """A job whose result outlives the process."""

    path: Path
    job: Job[ResultT]
    result_type: type[ResultT]

    @property
    def rows(self) -> int:
        """Rows still to do: none if the result is there."""
        return self.job.rows if self._finished() is None else 0

    def run(self, on_rows: OnRows) -> ResultT:
        """The stored result, or the job's, stored."""
        finished = self._finished()
        if finished is not None:
            return finished
        result = self.job.run(on_rows)
        write_atomic(TypeAdapter(self.result_type).dump_json(result).decode(), self.path)
        return result

    def _finished(self) -> ResultT | None:
        """The stored result; None if there is none, or if it is damaged."""
        try:
            return TypeAdapter(self.result_type).validate_json(self.path.read_bytes())
        except (OSError, ValidationError):
            return None
