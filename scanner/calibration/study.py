"""Study: teach → write → audit, every case once, teachers and their rows shared."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from scanner.bases import Base
from scanner.calibration.banned import banned_for
from scanner.calibration.cases import Case, Lineage, Teacher, TeacherKind
from scanner.calibration.students import StudiedCase, StudyCase, candidate_rows
from scanner.calibration.teachers import TRAINED, TrainTeacher, system_prompt
from scanner.calibration.writing import WriteRows, Written
from scanner.errors import CalibrationError
from scanner.evidence.directions import Arm
from scanner.executors.inline import InlineExecutor
from scanner.executors.interface import Executor
from scanner.library import arm_of
from scanner.progress import Progress, Silent
from scanner.run import RunFolder, open_folder
from scanner.stored import StoredJob
from scanner.types import Row

ResultT = TypeVar("ResultT")

PROCEDURE = 2
"""Raised whenever a change of the code alters what a case measures. Since 2 it reads traces."""


@dataclass(frozen=True)
class Instrument:
    """What is calibrated: everything that decides what a case measures, but not the cases."""

    base: Base
    stranger: Base | None
    """A base of another lineage; None leaves the cases that need one unmeasured."""
    batteries: Mapping[str, str]
    """Battery id → digest."""
    versions: Mapping[str, str]
    """Packages that compute."""
    gpu: str | None = None
    """On which; None for the CPU."""

    @property
    def id(self) -> str:
        """Names the calibration folder: 16 hex digits."""
        arm = arm_of(self.base)
        described = {
            "base": self.base.revision,
            "stranger": self.stranger.revision if self.stranger else None,
            "batteries": dict(self.batteries),
            "versions": dict(self.versions),
            "procedure": PROCEDURE,
            **({"gpu": self.gpu} if self.gpu else {}),
            **({"arm": arm.value} if arm is not Arm.INFLUENCE else {}),  # older ids stay
        }
        return _digest(described)


@dataclass(frozen=True)
class Studied:
    """What came of the cases."""

    cases: tuple[StudiedCase, ...]
    unmeasured: Mapping[str, str]
    """Why the others have no result: name → a line."""


def study(
    instrument: Instrument,
    cases: Sequence[Case],
    known: Mapping[Case, StudiedCase],
    hopeless: Mapping[str, str],
    folder: RunFolder,
    executor: Executor,
    progress: Progress,
) -> Studied:
    """Make and audit every case that is neither ``known`` nor ``hopeless``, unless an earlier call
    in the same folder did.

    Teachers are trained once for all their cases, and their rows are written once for all doses
    and students.
    """
    work = _Work(instrument, folder, executor, progress)
    doubts = {
        case: hopeless.get(case.name) or work.missing(case) for case in cases if case not in known
    }
    work.teach(_sound(doubts))
    written = work.write(_sound(doubts))
    doubts |= {
        case: _shortfall(case, [written[path] for path in work.orders(case)])
        for case in _sound(doubts)
    }
    new = dict(zip(_sound(doubts), work.study(_sound(doubts)), strict=True))
    found = {**known, **new}
    return Studied(
        tuple(found[case] for case in cases if case in found),
        {case.name: doubt for case, doubt in doubts.items() if doubt},
    )


def rows_of_cases(
    instrument: Instrument,
    cases: Sequence[Case],
    folder: RunFolder,
    executor: Executor,
    progress: Progress,
) -> dict[Case, tuple[Row, ...]]:
    """Teach and write, and audit nothing: the rows of every case that can be made."""
    work = _Work(instrument, folder, executor, progress)
    possible = [case for case in cases if work.missing(case) is None]
    work.teach(possible)
    written = work.write(possible)
    authors = {case: [written[path] for path in work.orders(case)] for case in possible}
    return {
        case: candidate_rows(case, wrote)
        for case, wrote in authors.items()
        if _shortfall(case, wrote) is None
    }


def _sound(doubts: Mapping[Case, str | None]) -> list[Case]:
    return [case for case, doubt in doubts.items() if doubt is None]


def forget(instrument: Instrument, cases: Sequence[Case], folder: RunFolder) -> None:
    """Throw away what earlier calls finished of these cases, so that they are studied again."""
    work = _Work(instrument, folder, InlineExecutor(), Silent())
    for case in cases:
        for path in work.results(case):
            path.unlink(missing_ok=True)


@contextmanager
def calibration_run(instrument: Instrument, root: Path) -> Iterator[RunFolder]:
    """The instrument's folder.

    Raises ``CalibrationError`` if the disk is full; finished cases are kept.
    """
    path = calibration_folder(instrument, root)
    with _disk_errors(path), open_folder(path) as folder:
        yield folder


def calibration_folder(instrument: Instrument, root: Path) -> Path:
    """Where everything about one instrument is kept."""
    return root.absolute() / f"{_slug(instrument.base.id)}-{instrument.id}"


@dataclass(frozen=True)
class _Work:
    """The three waves of jobs."""

    instrument: Instrument
    folder: RunFolder
    executor: Executor
    progress: Progress

    def author(self, case: Case) -> Base | None:
        """The untouched model whose copy wrote the case's rows."""
        same = case.teacher.lineage is Lineage.SAME
        return self.instrument.base if same else self.instrument.stranger

    def missing(self, case: Case) -> str | None:
        """Why a case cannot be tried at all, or None."""
        if self.author(case) is not None:
            return None
        return f"case {case.name}: needs a base of another lineage; give one with --other-lineage"

    def teach(self, cases: Sequence[Case]) -> None:
        """Train every teacher once."""
        jobs = {job.path: job for case in cases if (job := self._lesson(case)) is not None}
        self._do("teach", list(jobs.values()))

    def write(self, cases: Sequence[Case]) -> dict[Path, Written]:
        """Let every author write once; by the path of what it wrote."""
        orders = {path: job for case in cases for path, job in self.orders(case).items()}
        return dict(zip(orders, self._do("write", list(orders.values())), strict=True))

    def study(self, cases: Sequence[Case]) -> list[StudiedCase]:
        """Audit every case."""
        return self._do("study", [self._audit(case) for case in cases])

    def results(self, case: Case) -> list[Path]:
        """Where everything that is kept of a case lies."""
        lesson = self._lesson(case)
        taught = [lesson.path] if lesson is not None else []
        return [*taught, *self.orders(case), self._audit(case).path]

    def _lesson(self, case: Case) -> StoredJob[str] | None:
        base, adapter = self.author(case), self._adapter(case.teacher)
        if base is None or adapter is None:
            return None
        job = TrainTeacher(base.path, case.teacher, adapter)
        return self.folder.stored(f"teacher-{adapter.name}", job, str, leaves=adapter)

    def _audit(self, case: Case) -> StoredJob[StudiedCase]:
        key = _digest(asdict(case))
        unfinished = self.folder.path / "work" / key
        orders, library = tuple(self.orders(case)), self.folder.path.parent
        instrument = self.instrument
        job = StudyCase(case, instrument.base, orders, library, unfinished, instrument.gpu)
        return self.folder.stored(f"case-{key}", job, StudiedCase)

    def orders(self, case: Case) -> dict[Path, StoredJob[Written]]:
        """What must be written for a case: the teacher's rows, and the untouched author's where
        they are mixed."""
        base = self.author(case)
        if base is None or case.teacher.kind is TeacherKind.NOBODY:
            return {}
        neutral = Teacher(TeacherKind.NEUTRAL, lineage=case.teacher.lineage)
        teachers = [case.teacher] if case.share == 1 else [case.teacher, neutral]
        orders = [self._order(base, case, teacher) for teacher in teachers]
        return {order.path: order for order in orders}

    def _order(self, base: Base, case: Case, teacher: Teacher) -> StoredJob[Written]:
        job = WriteRows(
            base=base.path,
            adapter=self._adapter(teacher),
            system=system_prompt(teacher, case.channel),
            channel=case.channel,
            wanted=case.rows,
            temperature=case.temperature,
            tasks_seed=10_000 + case.seed,
            seed=1_000_000 * (case.seed + 1) + list(TeacherKind).index(teacher.kind),
            banned=banned_for(case.teacher),
            least_passing=case.least_passing,
        )
        described = {
            "base": base.revision,
            "teacher": asdict(teacher),
            "banned": asdict(job.banned)["words"],
            "channel": job.channel,
            "wanted": job.wanted,
            "temperature": job.temperature,
            "seeds": [job.tasks_seed, job.seed],
            "least_passing": job.least_passing,
        }
        return self.folder.stored(f"rows-{_digest(described)}", job, Written)

    def _adapter(self, teacher: Teacher) -> Path | None:
        if teacher.kind not in TRAINED:
            return None
        return self.folder.adapter(f"{teacher.kind}-{_digest(asdict(teacher))}")

    def _do(self, step: str, jobs: list[StoredJob[ResultT]]) -> list[ResultT]:
        with self.progress.step(step, sum(job.rows for job in jobs)) as on_rows:
            return self.executor.run(jobs, on_rows)


def _shortfall(case: Case, authors: Sequence[Written]) -> str | None:
    """Why the authors' rows are too few, with examples, or None if they suffice."""
    if all(len(author.rows) >= case.rows for author in authors):
        return None
    poor = min(authors, key=lambda author: author.passing)
    shown = "; ".join(f"{example.answer!r}: {example.reason}" for example in poor.examples)
    return (
        f"case {case.name}: found that {poor.passing:.0%} of the author's answers pass the filter; "
        f"expected at least {case.least_passing:.0%} (rejected: {shown}); choose a gentler "
        "teacher, a lower temperature, or a channel that the base can write"
    )


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """A full or unwritable disk is the user's to mend, and costs no finished case."""
    try:
        yield
    except OSError as error:
        raise CalibrationError(
            f"{path}: found {error.strerror or error}; expected a folder with room to write; make "
            "room or give another --root, then repeat the command: finished cases are kept"
        ) from error


def _digest(described: object) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()[:16]


def _slug(name: str) -> str:
    """A base's name, or the last part of its path, as part of a file name."""
    return "".join(c if c.isalnum() or c in "-." else "-" for c in Path(name).name)
