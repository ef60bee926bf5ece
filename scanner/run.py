"""The run folder: every finished job of an audit, so that the same command goes on where it was.

    datascan-runs/<run id>/      the owner's alone, as all that is in it
      run.json              everything that decides the outcome; its digest is the run id
      jobs/<name>.json      a job's result, sealed, written when the job ends
      adapters/<name>/      a trained copy
      log.txt               what the libraries said meanwhile
      results.json  report.html

The run id says what every job is given, so a folder never mixes audits, and a job's name is
address enough within it.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout

import scanner
from scanner.errors import AuditError
from scanner.executors.interface import Job
from scanner.files import is_disk_error, remove_drafts, write_atomic
from scanner.stored import Place, StoredJob, StoredTogether

ResultT = TypeVar("ResultT")

DECISIVE = "run.json"
RESULTS = "results.json"
REPORT = "report.html"


@dataclass(frozen=True)
class RunFolder:
    """One audit's folder."""

    path: Path

    @property
    def log(self) -> Path:
        """Where workers' libraries say what they have to say."""
        return self.path / "log.txt"

    def adapter(self, name: str) -> Path:
        """Where a trained copy goes."""
        return self.path / "adapters" / name

    def has(self, name: str) -> bool:
        """Whether a job has left a result; a look at the file that says nothing of its content."""
        return self._result(name).is_file()

    def forget_jobs(self) -> None:
        """Do all jobs again: they were given other rows."""
        for folder in (self.path / "jobs", self.path / "adapters"):
            shutil.rmtree(folder)
            folder.mkdir(mode=0o700)

    def _result(self, name: str) -> Path:
        return self.path / "jobs" / f"{name}.json"

    def stored(
        self,
        name: str,
        job: Job[ResultT],
        result_type: type[ResultT],
        leaves: Path | None = None,
    ) -> "StoredJob[ResultT]":
        """The job, run only if this folder does not hold its result yet."""
        return StoredJob(self._result(name), job, result_type, leaves)

    def stored_together(
        self,
        leaves: Mapping[str, Path],
        job: Job[tuple[ResultT, ...]],
        result_type: type[ResultT],
    ) -> "StoredTogether[ResultT]":
        """The same of a job with several results: name → the folder that belongs to it."""
        places = (Place(self._result(name), folder) for name, folder in leaves.items())
        return StoredTogether(tuple(places), job, result_type)


@contextmanager
def open_run(root: Path, decisive: dict[str, object], resume: bool) -> Iterator[RunFolder]:
    """Make or find the folder of the audit that ``decisive`` describes, and keep others out.

    Without ``resume`` it begins empty. Raises ``AuditError`` if it cannot be made, if another
    audit is at work in it, or if the disk is full meanwhile; finished jobs are kept.
    """
    described = json.dumps({**decisive, "sources": sources_sha256()}, sort_keys=True).encode()
    path = root.absolute() / _run_id(described)
    _check_writable(root)
    with _disk_errors(path), open_folder(path, resume) as folder:
        if not is_run(path):
            write_atomic(described, path / DECISIVE)
        yield folder


@contextmanager
def open_folder(path: Path, resume: bool = True) -> Iterator[RunFolder]:
    """Make or find a folder of finished jobs, and keep others out; see ``open_run``.

    Raises ``OSError`` if it cannot be made, and ``AuditError`` if another command works in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with lock_of(path):
        if path.exists() and not resume:
            shutil.rmtree(path)
        for folder in (path, path / "jobs", path / "adapters"):
            folder.mkdir(mode=0o700, exist_ok=True)
            folder.chmod(0o700)  # one made by hand, or copied, may be open to others
        remove_drafts(path)
        write_atomic("*\n", path / ".gitignore")
        try:
            yield RunFolder(path)
        finally:
            with suppress(OSError):  # of workers that were ended in the middle of a training
                remove_drafts(path)


def is_run(folder: Path) -> bool:
    """Whether an audit made the folder: its name is the digest of its ``run.json``."""
    try:
        return not folder.is_symlink() and folder.name == _run_id((folder / DECISIVE).read_bytes())
    except OSError:
        return False


def sources_sha256() -> str:
    """Digest of our own code: a folder never mixes what two versions of it computed."""
    digest = hashlib.sha256()
    for file in sorted(Path(scanner.__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _run_id(described: bytes) -> str:
    return hashlib.sha256(described).hexdigest()[:16]


def _check_writable(root: Path) -> None:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            pass
    except OSError as error:
        raise AuditError(
            f"--run-root {str(root)!r}: found {error.strerror}; expected a folder that can be "
            "written; give another one"
        ) from error


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """A full or unwritable disk is the user's to mend, and costs no finished job."""
    try:
        yield
    except OSError as error:
        if not is_disk_error(error):
            raise
        raise AuditError(
            f"{error.filename or path}: found {error.strerror}; expected a place that can "
            "be written; make room there or give another --run-root, then repeat the command: "
            "finished stages are kept"
        ) from error


@contextmanager
def lock_of(path: Path) -> Iterator[Path]:
    """Hold the lock of a folder. It lies beside it, so that it outlives the folder's removal.

    Yields the lock's file. Raises ``AuditError`` if another command holds it.
    """
    file = path.with_name(f".{path.name}.lock")
    lock = FileLock(file, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise AuditError(
            f"{path}: found another audit or calibration at work here; expected none; wait until "
            "it ends, or give another folder with --run-root (audit) or --root (calibrate)"
        ) from None
    try:
        yield file
    finally:
        lock.release()
