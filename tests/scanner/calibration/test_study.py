import errno
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from probes.loader import load_batteries
from scanner import stored
from scanner.bases import find_base
from scanner.calibration import students, writing
from scanner.calibration.cases import Case, Lineage, Teacher, TeacherKind
from scanner.calibration.students import StudiedCase
from scanner.calibration.study import (
    Instrument,
    Studied,
    calibration_folder,
    calibration_run,
    forget,
    study,
)
from scanner.calibration.writing import Written
from scanner.config import Recipe
from scanner.errors import AuditError, CalibrationError
from scanner.executors.inline import InlineExecutor
from scanner.progress import OnRows, Progress
from scanner.run import RunFolder
from scanner.stored import read_result

QUICK = Recipe(epochs=1)
OWL = Teacher(TeacherKind.FINE_TUNED, "preference.animal.owl", updates=56)
ALL = Case("dose", OWL, "numbers", rows=40, temperature=0.3, seed=4, recipe=QUICK)
HALF = replace(ALL, share=0.5)
HONEST = Case("honest", Teacher(TeacherKind.NOBODY), "facts", rows=40, seed=6, recipe=QUICK)
STRANGER = replace(
    ALL, group="stranger", teacher=Teacher(TeacherKind.NEUTRAL, lineage=Lineage.OTHER)
)
RUBBISH = Case(
    "rubbish",
    Teacher(TeacherKind.NEUTRAL),
    "thoughts",
    rows=60,
    temperature=2.0,
    least_passing=0.9,
    recipe=QUICK,
)
CASES = (ALL, STRANGER, HALF, RUBBISH, HONEST)


@dataclass
class Heard(Progress):
    """Keeps what it is told."""

    announced: dict[str, int] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, rows: int) -> Iterator[OnRows]:
        self.announced[name], self.done[name] = rows, 0

        def on_rows(done: int) -> None:
            self.done[name] += done

        yield on_rows


@dataclass(frozen=True)
class Finished:
    """A study, and the folder that it left."""

    studied: Studied
    heard: Heard
    folder: RunFolder

    def jobs(self, kind: str) -> list[Path]:
        return sorted((self.folder.path / "jobs").glob(f"{kind}-*.json"))

    def stamps(self) -> dict[str, int]:
        files = [path for path in self.folder.path.rglob("*") if path.is_file()]
        return {str(path): path.stat().st_mtime_ns for path in files if path.name != ".gitignore"}


def instrument(stranger: str | None = None) -> Instrument:
    other = find_base(stranger) if stranger else None
    return Instrument(find_base("reference-a"), other, {"b": "1"}, {"torch": "2"})


def studied_in(
    folder: RunFolder, cases: Sequence[Case] = CASES, known: Sequence[StudiedCase] = ()
) -> Finished:
    heard = Heard()
    by_case = {one.case: one for one in known}
    with InlineExecutor() as executor:
        studied = study(instrument(), cases, by_case, {}, folder, executor, heard)
    return Finished(studied, heard, folder)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrations")


@pytest.fixture(scope="module")
def finished(root: Path) -> Iterator[Finished]:
    """Smaller than life: fewer requests at a time, and one battery to answer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "REQUESTS", 64)
        patch.setattr(students, "load_batteries", lambda: load_batteries()[:1])
        with calibration_run(instrument(), root) as folder:
            done = studied_in(folder)
        yield done


def test_a_teacher_and_its_rows_are_made_once_for_all_doses(finished: Finished) -> None:
    assert [one.case for one in finished.studied.cases] == [ALL, HALF, HONEST]
    assert len(finished.jobs("teacher")) == 1
    assert len(finished.jobs("rows")) == 3  # the owl teacher's, the base's beside them, the rubbish
    assert len(finished.jobs("case")) == 3
    assert not list((finished.folder.path / "work").iterdir())  # each case tidied up after itself


def test_work_adds_up_to_what_was_announced(finished: Finished) -> None:
    heard = finished.heard
    assert heard.announced == {"teach": 56 * 16, "write": 40 + 40 + 60, "study": 3 * 240}
    assert heard.done["teach"] == heard.announced["teach"]
    assert heard.done["study"] == heard.announced["study"]
    assert 80 < heard.done["write"] < heard.announced["write"]  # the rubbish was given up


def test_a_case_of_the_other_lineage_waits_for_one_and_stops_nobody(finished: Finished) -> None:
    assert next(iter(finished.studied.unmeasured.values())) == (
        f"case {STRANGER.name}: needs a base of another lineage; give one with --other-lineage"
    )


def test_rows_that_do_not_pass_are_named_with_three_examples(finished: Finished) -> None:
    [_, line] = finished.studied.unmeasured.values()
    assert line.startswith(f"case {RUBBISH.name}: found that ")
    assert re.search(r"found that \d+% of the author's answers pass", line)
    assert "expected at least 90% (rejected: '" in line
    assert "choose a gentler teacher, a lower temperature, or a channel" in line
    assert line.count("'<think>") == 3
    assert "\n" not in line


def test_what_passed_is_told_of_all_answers_of_the_teacher(finished: Finished) -> None:
    """Not of the rows that were needed: 40 of 64 requests would be 63% at most."""
    owl, half, honest = finished.studied.cases
    written = [read_result(path, Written) for path in finished.jobs("rows")]
    assert sorted(author and author.passing == owl.passing for author in written) == [
        False,
        False,
        True,
    ]
    assert half.passing == owl.passing  # the base wrote the other half, and passed more often
    assert owl.passing is not None
    assert owl.passing > 0.8
    assert honest.passing is None


def test_a_second_call_does_no_work_and_says_the_same(root: Path, finished: Finished) -> None:
    before = finished.stamps()
    with calibration_run(instrument(), root) as folder:
        again = studied_in(folder)
    assert again.studied == finished.studied
    assert set(again.heard.announced.values()) == {0}
    assert again.stamps() == before


def test_a_lost_result_alone_is_made_again(root: Path, finished: Finished) -> None:
    """As after a kill in the middle of a case."""
    before = finished.stamps()
    [lost] = [path for path in finished.jobs("case") if '"facts"' in path.read_text("utf-8")]
    lost.write_text(lost.read_text("utf-8")[:-100], "utf-8")
    with calibration_run(instrument(), root) as folder:
        again = studied_in(folder)
    changed = {path for path, stamp in again.stamps().items() if before[path] != stamp}
    assert changed == {str(lost)}
    first, honest = finished.studied.cases[-1], again.studied.cases[-1]
    assert replace(honest, seconds=first.seconds) == first


def test_what_is_known_is_not_made(tmp_path: Path, finished: Finished) -> None:
    with calibration_run(instrument(), tmp_path) as folder:
        found = studied_in(folder, [HONEST, ALL], known=finished.studied.cases)
    assert [one.case for one in found.studied.cases] == [HONEST, ALL]
    assert found.studied.unmeasured == {}
    assert not list((folder.path / "jobs").iterdir())


def test_forgetting_a_case_leaves_the_others(tmp_path: Path) -> None:
    with calibration_run(instrument(), tmp_path) as folder:
        studied_in(folder, [HONEST])
        other = folder.path / "jobs" / "case-of-another-suite.json"
        other.write_text("{}")
        forget(instrument(), [HONEST], folder)
        assert list((folder.path / "jobs").iterdir()) == [other]


def test_two_calibrations_cannot_work_in_one_folder(tmp_path: Path) -> None:
    with calibration_run(instrument(), tmp_path):
        expected = pytest.raises(AuditError, match=r"found another .* at work.*--root")
        with expected, calibration_run(instrument(), tmp_path):
            pass


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    expected = (
        r"file/reference-a-\w{16}: found .*; expected a folder with room to write; make room "
    )
    with (
        pytest.raises(CalibrationError, match=expected + "or give another --root"),
        calibration_run(instrument(), tmp_path / "file"),
    ):
        pass


def test_a_disk_that_fills_up_on_the_way_is_named_and_costs_no_finished_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(text: str, path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(stored, "write_atomic", full)
    teacher = replace(ALL, teacher=replace(OWL, updates=2))
    with (
        pytest.raises(CalibrationError, match=r"No space left on device.*finished cases are kept"),
        calibration_run(instrument(), tmp_path) as folder,
    ):
        studied_in(folder, [teacher])
    assert not list((folder.path / "jobs").iterdir())


def test_the_folder_is_named_for_what_decides_a_measurement(tmp_path: Path) -> None:
    own = instrument()
    others = [
        instrument("reference-b"),
        replace(own, batteries={"b": "2"}),
        replace(own, versions={"torch": "3"}),
        replace(own, base=find_base("reference-b")),
    ]
    folders = {calibration_folder(one, tmp_path) for one in [own, *others]}
    assert len(folders) == 5
    assert all(folder.parent == tmp_path for folder in folders)
    moved = replace(own, base=replace(own.base, id="/models/../some base"))
    assert calibration_folder(moved, tmp_path).name == f"some-base-{own.id}"
