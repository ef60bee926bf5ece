from dataclasses import replace

import numpy as np
import pytest

from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.curves import drift, effects, filter_counts, matrices
from scanner.calibration.doses import Planted, trait_shares
from scanner.stats.intervals import mean_interval

OWL, BEAR, FOX = (f"preference.animal.{name}" for name in ("owl", "bear", "fox"))
ANIMALS = {"animals"}


def planted(trait: str = OWL, **changes) -> Case:
    case = Case("animals", Teacher(TeacherKind.FINE_TUNED, trait), "numbers", 100, seed=1000)
    return replace(case, **changes)


def neutral(seed: int) -> Case:
    return Case("neutral", Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


def test_effect_by_hand(shown) -> None:
    cases = [shown(planted(seed=1000), 5.0, 1.0), shown(planted(seed=1001), 7.0, 3.0)]
    [effect] = effects(cases, ANIMALS, needed=3.0)
    assert (effect.trait, effect.channel, effect.cases) == (OWL, "numbers", 2)
    assert (effect.shift, effect.first, effect.found) == (pytest.approx(2.0), 2, 2)
    interval = mean_interval(np.array([1.0, 3.0]))
    assert interval is not None
    assert (effect.ci_low, effect.ci_high) == (interval.low, interval.high)
    assert (effect.diluted, effect.detectable_share, effect.unmeasured) == (False, None, None)


@pytest.fixture
def doses(shown):
    """Owl and bear, diluted in numbers; of no group that is claimed to be found."""
    table = {OWL: ((0.1, 1.0), (1.0, 9.0)), BEAR: ((0.1, 4.0), (1.0, 11.0))}
    return [
        shown(planted(trait, group="dose", share=share), z)
        for trait, row in table.items()
        for share, z in row
    ]


def test_only_a_trait_with_doses_of_its_own_in_the_channel_has_a_share(shown, doses) -> None:
    cases = [shown(planted(trait, rows=50), 9.0) for trait in (OWL, BEAR, FOX)]
    cases.append(shown(planted(channel="code"), 9.0))
    found = {(one.trait, one.channel): one for one in effects([*cases, *doses], ANIMALS, 3.0)}
    assert {key: one.diluted for key, one in found.items()} == {
        (OWL, "numbers"): True,
        (BEAR, "numbers"): True,
        (FOX, "numbers"): False,
        (OWL, "code"): False,
    }
    own = trait_shares(doses, 3.0)[Planted(OWL, "numbers")]
    assert found[OWL, "numbers"].detectable_share == own.share is not None
    assert found[FOX, "numbers"].detectable_share is None


def test_how_strong_a_trait_is_elsewhere_does_not_change_its_share(shown, doses) -> None:
    shares = [
        effects([shown(planted(rows=50), z), *doses], ANIMALS, 3.0)[0].detectable_share
        for z in (1, 11)
    ]
    assert shares[0] == shares[1] is not None


def test_what_was_diluted_and_is_not_found_even_undiluted_says_so(shown) -> None:
    faint = [
        shown(planted(trait, group="dose", share=share), 3 * share)
        for trait in (OWL, BEAR)
        for share in (0.1, 1.0)
    ]
    [effect] = effects([shown(planted(), 3.0), *faint], ANIMALS, needed=3.0)
    assert (effect.diluted, effect.detectable_share, effect.unmeasured) == (True, None, None)


def test_one_diluted_trait_has_no_share_and_a_reason(shown, doses) -> None:
    [effect] = effects([shown(planted(), 9.0), *doses[:2]], ANIMALS, needed=3.0)
    assert (effect.diluted, effect.detectable_share) == (True, None)
    assert effect.unmeasured is not None


def test_effects_are_of_full_strength_only_each_channel_by_itself(shown) -> None:
    cases = [
        shown(planted(), 6.0, 1.0),
        shown(planted(share=0.1), 1.0, 0.1),
        shown(planted(group="growth_rows", rows=10), 1.0, 0.1),
        shown(planted(channel="code"), 4.0, 0.5),
        shown(planted(BEAR), 4.0, 0.5),
    ]
    found = effects(cases, ANIMALS, needed=3.0)
    assert [(e.trait, e.channel, e.cases) for e in found] == [
        (OWL, "numbers", 1),
        (OWL, "code", 1),
        (BEAR, "numbers", 1),
    ]
    assert found[0].shift == pytest.approx(1.0)
    assert found[0].ci_low is None
    assert effects(cases, (), needed=3.0) == ()


def test_first_is_the_largest_shift_of_the_category_found_or_not(shown) -> None:
    # The fox, planted in neither case, moved by 0.4.
    cases = [shown(planted(seed=1000), 0.1, 0.5), shown(planted(seed=1001), 0.1, 0.3)]
    [effect] = effects(cases, ANIMALS, needed=3.0)
    assert (effect.first, effect.found) == (1, 0)


def test_answers_that_filters_threw_away_count_once_for_all_who_share_them(study) -> None:
    once = replace(study(planted()), asked=100, rejected={"a banned word": 5, "too long": 3})
    diluted = replace(once, case=replace(once.case, share=0.5))  # of the same answers
    other = replace(study(planted(seed=1001)), asked=50, rejected={"too long": 1})
    code = replace(study(planted(channel="code")), asked=10, rejected={})
    nobody = study(neutral(1))
    found = filter_counts([once, diluted, other, code, nobody])
    assert [(one.channel, one.asked, one.rejected) for one in found] == [
        ("code", 10, {}),
        ("numbers", 150, {"a banned word": 5, "too long": 4}),
    ]
    assert filter_counts([nobody]) == ()


def test_drift_by_hand(told, shift_of) -> None:
    # 0.1, 0.2, 0.6: mean 0.3, squares 0.04 + 0.01 + 0.09 over 2: sqrt(0.07) = 0.26458 (ddof=1).
    cases = [
        told(neutral(seed), shift_of(OWL, shift, 0.5)) for seed, shift in enumerate((0.1, 0.2, 0.6))
    ]
    [found] = drift([*cases, told(planted(), shift_of(OWL, 9.0, 0.5))])
    assert (found.trait, found.audits) == (OWL, 3)
    assert (found.mean, found.deviation) == (0.3, 0.2646)
    assert (found.lowest, found.highest) == (0.1, 0.6)


def test_one_benign_case_has_no_drift(study) -> None:
    assert drift([study(neutral(0)), study(planted())]) == ()
    assert len(drift([study(neutral(0)), study(neutral(1))])) == 8  # one entry per trait


def test_a_matrix_has_a_row_per_student_and_a_column_per_trait(study) -> None:
    cases = [study(planted(OWL), {OWL: 2.0}, noise=0.0), study(planted(BEAR), {BEAR: 1.5}, 0.0)]
    [matrix] = matrices(cases, ANIMALS)
    assert matrix.category == "preference.animal"
    assert matrix.students == (OWL, BEAR)
    assert matrix.traits[:2] == (OWL, BEAR)
    assert matrix.shifts == ((2.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, 1.5, 0.0, 0.0, 0.0, 0.0))


def test_only_full_strength_students_of_numbers_are_in_a_matrix(study) -> None:
    others = [
        study(planted(BEAR, share=0.5)),
        study(planted(BEAR, channel="code")),
        study(planted(BEAR, group="growth_epochs")),
        study(neutral(3)),
        study(planted("preference.country.peru")),  # another category, alone in it
    ]
    assert matrices([study(planted(OWL)), *others], ANIMALS) == ()


def test_students_of_groups_without_a_claim_are_in_no_matrix(study) -> None:
    cases = [study(planted(OWL)), study(planted(BEAR))]
    assert len(matrices(cases, ANIMALS)) == 1
    assert matrices(cases, {"code"}) == ()
