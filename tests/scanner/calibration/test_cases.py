from dataclasses import replace

import pytest

from scanner.calibration.cases import Case, Lineage, Teacher, TeacherKind
from scanner.config import Recipe

OWL = "preference.animal.owl"
CASE = Case("group", Teacher(TeacherKind.FINE_TUNED, OWL), "numbers", rows=3600, seed=7)


def by(kind: TeacherKind, trait: str | None = None, share: float = 1.0) -> Case:
    return Case("group", Teacher(kind, trait), "numbers", rows=600, share=share)


@pytest.mark.parametrize(
    ("case", "planted", "benign"),
    [
        (by(TeacherKind.FINE_TUNED, OWL), (OWL,), False),
        (by(TeacherKind.PROMPTED, OWL), (OWL,), False),
        (by(TeacherKind.MISALIGNED), ("misalignment",), False),
        (by(TeacherKind.ALIGNED), (), True),
        (by(TeacherKind.NEUTRAL), (), True),
        (by(TeacherKind.NOBODY), (), True),
        (by(TeacherKind.FINE_TUNED, OWL, share=0.05), (OWL,), False),
        (by(TeacherKind.FINE_TUNED, OWL, share=0), (), True),
        (by(TeacherKind.MISALIGNED, share=0), (), True),
    ],
    ids=lambda value: value.name if isinstance(value, Case) else None,
)
def test_what_is_planted_and_what_is_benign(
    case: Case, planted: tuple[str, ...], benign: bool
) -> None:
    assert (case.planted, case.benign) == (planted, benign)


@pytest.mark.parametrize("kind", TeacherKind)
def test_a_strangers_rows_carry_nothing_but_are_benign_only_without_a_trait(
    kind: TeacherKind,
) -> None:
    """A false alarm on a stranger's owl rows says something else than one on honest rows."""
    trait = OWL if kind in (TeacherKind.FINE_TUNED, TeacherKind.PROMPTED) else None
    own = by(kind, trait)
    stranger = replace(own, teacher=replace(own.teacher, lineage=Lineage.OTHER))
    assert stranger.planted == ()
    assert stranger.carried == own.carried == own.planted  # what the null is to show
    assert stranger.benign == own.benign


@pytest.mark.parametrize(
    "other",
    [
        replace(CASE, group="other"),
        replace(CASE, teacher=replace(CASE.teacher, trait="preference.animal.fox")),
        replace(CASE, teacher=replace(CASE.teacher, updates=60)),
        replace(CASE, teacher=replace(CASE.teacher, lineage=Lineage.OTHER)),
        replace(CASE, channel="code"),
        replace(CASE, rows=3601),
        replace(CASE, share=0.05),
        replace(CASE, temperature=0.3),
        replace(CASE, seed=8),
        replace(CASE, recipe=Recipe(epochs=6)),
    ],
)
def test_what_sets_a_case_apart_is_in_its_name(other: Case) -> None:
    assert other.name != CASE.name


def test_a_name_reads_as_a_person_would_say_it() -> None:
    assert CASE.name == "group/preference.animal.owl/numbers/3600 rows/100%/T=1/seed 7"
    neutral = Teacher(TeacherKind.NEUTRAL, lineage=Lineage.OTHER)
    other = replace(CASE, teacher=neutral, share=0.25, recipe=Recipe(epochs=6))
    assert other.name == ("group/neutral/numbers/3600 rows/25%/T=1/seed 7/6 epochs/other lineage")


def test_no_two_seeds_share_a_student() -> None:
    students = [seed for case in range(200) for seed in replace(CASE, seed=case).student_seeds]
    assert len(students) == len(set(students)) == 400
