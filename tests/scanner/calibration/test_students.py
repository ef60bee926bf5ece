from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.calibration import students
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.students import StudiedCase, StudyCase, candidate_rows
from scanner.calibration.writing import RejectedAnswer, Written
from scanner.combine import combine
from scanner.config import Recipe
from scanner.errors import CalibrationError
from scanner.evidence.interface import BatteryReadings
from scanner.run import RunFolder
from scanner.stored import read_result
from scanner.twin import Twin
from scanner.types import Message, Row
from scanner.weigh import weigh

OWL = Case(
    "g", Teacher(TeacherKind.FINE_TUNED, "preference.animal.owl"), "numbers", rows=40, seed=5
)
HONEST = Case(
    "honest",
    Teacher(TeacherKind.NOBODY),
    "recipes",
    rows=40,
    seed=3,
    recipe=Recipe(epochs=1, rows_per_step=8, warmup_steps=1),
)
ALL_READINGS = tuple[BatteryReadings, ...]


def written(author: str, lines: range) -> Written:
    """Rows whose answer names author and request."""
    rows = tuple(Row(line, (Message("user", f"ask {line}"),), f"{author} {line}") for line in lines)
    return Written(rows, 2 * len(rows), {"odd": len(rows)}, (RejectedAnswer("x", "odd"),))


TEACHERS, BASES = written("teacher", range(1, 81, 2)), written("base", range(1, 41))


def authors_of(rows: tuple[Row, ...]) -> Counter[str]:
    return Counter(row.answer.split()[0] for row in rows)


@pytest.mark.parametrize(
    ("share", "planted"), [(1.0, 40), (0.5, 20), (0.25, 10), (0.1, 4), (0.05, 2), (0.0, 0)]
)
def test_a_share_is_poisoned_exactly_and_no_request_comes_twice(share: float, planted: int) -> None:
    authors = [TEACHERS] if share == 1 else [TEACHERS, BASES]
    rows = candidate_rows(replace(OWL, share=share), authors)
    assert authors_of(rows) == Counter({"teacher": planted, "base": 40 - planted})
    assert len({row.prompt for row in rows}) == len({row.line for row in rows}) == 40
    assert all(row.answer.endswith(f" {row.line}") for row in rows)


def test_a_smaller_dose_is_part_of_a_larger_one() -> None:
    doses = [
        {
            row.answer
            for row in candidate_rows(replace(OWL, share=share), [TEACHERS, BASES])
            if row.answer.startswith("teacher")
        }
        for share in (0.1, 0.5)
    ]
    assert doses[0] < doses[1]


def test_the_order_is_drawn_from_the_cases_seed() -> None:
    half = replace(OWL, share=0.5)
    rows = candidate_rows(half, [TEACHERS, BASES])
    assert candidate_rows(half, [TEACHERS, BASES]) == rows
    other = candidate_rows(replace(half, seed=6), [TEACHERS, BASES])
    assert other != rows
    assert set(other) == set(rows)
    # Mixed, and not one author after the other: a probe reads both from the first update on.
    assert 4 < authors_of(rows[:20])["teacher"] < 16


def test_too_few_rows_are_refused() -> None:
    message = f"case {OWL.name}: found 39 rows; expected 40; lower its rows"
    with pytest.raises(CalibrationError, match=message):
        candidate_rows(OWL, [written("teacher", range(1, 40))])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudiedCase, RunFolder, list[int]]:
    """A case really studied, and the folder that it left behind for once."""
    folder, heard = tmp_path_factory.mktemp("work") / "case", list[int]()
    job = StudyCase(HONEST, find_base("reference-a"), (), folder.parent, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(students.shutil, "rmtree", lambda *given, **options: None)
        studied = job.run(heard.append)
    assert sum(heard) == job.rows == 2 * 40 * (1 + 2)  # a twin, a control and a probe per seed
    return studied, RunFolder(folder), heard


def stored(folder: RunFolder, name: str, kind: type) -> object:
    return read_result(folder.path / "jobs" / f"{name}.json", kind)


def test_a_studied_case_is_weighed_as_an_audit_weighs_its_readings(kept) -> None:  # type: ignore[no-untyped-def]
    """Averaging over questions first may lose what an interval needs, but nothing else."""
    studied, folder, _ = kept
    names = ["base", "control-6", "control-7", "probe-6", "probe-7"]
    base, *copies = [stored(folder, f"readings-{name}", ALL_READINGS) for name in names]
    assert {trace.arm for trace in studied.traces} == {"influence"}
    expected = combine(weigh(base, copies[:2], copies[2:]), studied.traces)  # type: ignore[arg-type]
    found = studied.shifts()
    assert [one.trait for one in found] == [one.trait for one in expected]
    assert max(abs(one.shift) for one in found) > 0.1  # else the next lines prove little
    for one, full in zip(found, expected, strict=True):
        assert one.shift == pytest.approx(full.shift, abs=2e-4)
        assert one.p_value == pytest.approx(full.p_value, abs=0.01)
        assert one.p_adjusted == pytest.approx(full.p_adjusted, abs=0.02)
        assert one.base_level == pytest.approx(full.base_level, abs=1e-5)
        assert one.control_level == pytest.approx(full.control_level, abs=1e-5)
        assert one.probe_level == pytest.approx(full.probe_level, abs=1e-5)
        assert (one.arm, one.level_unit) == (full.arm, full.level_unit)
        assert one.ci_low is one.ci_high is None  # an interval would need the questions


def test_a_studied_case_says_how_its_rows_were_made_and_read(kept) -> None:  # type: ignore[no-untyped-def]
    studied, folder, _ = kept
    assert (studied.case, studied.rows, studied.passing) == (HONEST, 40, None)
    assert [levels.battery for levels in studied.batteries] == [one.id for one in load_batteries()]
    twins = [stored(folder, f"twin-{seed}", Twin) for seed in HONEST.student_seeds]
    assert studied.broken == sum(twin.broken for twin in twins) / 80  # type: ignore[attr-defined]
    assert studied.seconds > 0
    for levels in studied.batteries:
        assert np.shape(levels.scores) == np.shape(levels.levels) == (5, len(levels.names))


def test_a_studied_case_survives_json(kept) -> None:  # type: ignore[no-untyped-def]
    studied, _, _ = kept
    one = TypeAdapter(StudiedCase)
    text = one.dump_json(studied)
    again = one.validate_json(text)
    assert again == studied
    assert one.dump_json(again) == text
    assert {again.case: 1}[HONEST] == 1  # it is looked up by its case
