from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from scanner.calibration.cases import Case, Lineage, Teacher, TeacherKind
from scanner.calibration.outcomes import (
    FIRST_REPORTED_SEED,
    LOOSEST,
    case_outcome,
    is_full_strength,
    is_planted,
    operating_point,
    score,
)
from scanner.errors import CalibrationError
from scanner.stats.intervals import binomial_interval
from scanner.verdict import is_finding
from scanner.weigh import hypotheses

OWL, BEAR = "preference.animal.owl", "preference.animal.bear"
PLANTED = Case("animals", Teacher(TeacherKind.FINE_TUNED, OWL), "numbers", 100, seed=1000)
MISALIGNED = Case("misaligned", Teacher(TeacherKind.MISALIGNED), "numbers", 100, seed=1001)


def neutral(seed: int) -> Case:
    return Case("neutral", Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


def test_the_score_is_of_the_smallest_p_value_that_moved(shift_of) -> None:
    shifts = [
        shift_of(OWL, 0.9, 1e-4, p_adjusted=1e-3),
        shift_of(BEAR, 0.2, 1e-6, p_adjusted=1e-5),  # sure, but too small to be a finding
        shift_of("preference.animal.fox", 0.8, None),
        shift_of("preference.animal.cat", 0.25, 1e-3, p_adjusted=1e-2),
    ]
    assert score(shifts) == pytest.approx(3.0)


def test_the_score_is_not_cut_where_the_adjusted_p_value_is(shift_of) -> None:
    # 0.02 over the eight traits of the only battery is adjusted to 0.16; 0.5 to 1, and scored as
    # 8 * 0.5 = 4: -0.60206.
    rest = [shift_of(f"preference.animal.a{i}", 0.0, 0.9) for i in range(6)]
    calm = shift_of(BEAR, 0.3, 0.9)
    assert score([*rest, calm, shift_of(OWL, 0.9, 0.02)]) == pytest.approx(0.79588, abs=1e-5)
    assert score([*rest, calm, shift_of(OWL, 0.9, 0.5)]) == pytest.approx(-0.60206, abs=1e-5)


def test_a_score_rises_as_a_p_value_falls_across_the_cut(shift_of) -> None:
    rest = [shift_of(f"preference.animal.a{i}", 0.0, 1.0) for i in range(7)]
    p_values = [1.0, 0.5, 0.126, 0.125, 0.124, 0.01, 1e-6]
    scores = [score([*rest, shift_of(OWL, 0.9, p)]) for p in p_values]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)
    assert (scores[3], str(scores[3])) == (0.0, "0.0")  # 8 * 0.125 = 1; and not -0.0


def test_what_is_no_finding_at_any_threshold_scores_at_most_zero(study) -> None:
    for seed in range(200):
        shifts = study(neutral(seed), noise=0.3).shifts()
        sure = any(is_finding(trait, 0.999999) for trait in shifts)
        assert (score(shifts) > 0) == sure
        assert score(shifts) >= -np.log10(max(hypotheses(shifts).values()))


def test_where_nothing_moved_or_was_measured_the_score_is_the_least_there_is(shift_of) -> None:
    # Eight traits: -log10(8) = -0.90309, as if a trait that moved had a p-value of 1.
    still = [shift_of(f"preference.animal.a{i}", 0.24, 1e-3) for i in range(7)]
    for last in (
        shift_of(OWL, 0.0, 1e-9),
        shift_of(OWL, 0.9, None),
        shift_of(OWL, 0.9, 1.0),
    ):
        assert score([*still, last]) == pytest.approx(-0.90309, abs=1e-5)
    assert score([]) == 0.0


def test_no_score_is_beyond_what_is_known_of_the_tail(shift_of) -> None:
    assert score([shift_of(OWL, 3.0, 0.0, 0.0)]) == pytest.approx(12.0)


def test_the_score_does_not_depend_on_the_order_of_the_traits(study) -> None:
    shifts = study(PLANTED, {OWL: 1.0}, noise=0.2).shifts()
    assert score(shifts) == score(shifts[::-1]) > 0


@pytest.fixture
def point(told, shift_of):
    """The operating point of benign cases with these scores, and of a planted one."""

    def scored(seed: int, wanted: float):
        p_adjusted = float(10.0**-wanted)
        moved = shift_of(OWL, 0.9, p_adjusted / 8, min(p_adjusted, 1.0))
        case = told(
            neutral(seed), moved, *(shift_of(f"preference.animal.a{i}", 0.0, 1.0) for i in range(7))
        )
        assert score(case.shifts()) == pytest.approx(wanted)
        return case

    def build(deciding: Sequence[float], reported: Sequence[float], rate: float = 0.01):
        cases = [scored(seed, one) for seed, one in enumerate(deciding)]
        cases += [scored(FIRST_REPORTED_SEED + seed, one) for seed, one in enumerate(reported)]
        return operating_point([*cases, told(PLANTED, shift_of(OWL, 2.0, 1e-12))], rate)

    return build


def test_operating_point_by_hand(point) -> None:
    # Scores 1.00, 1.01, ... 1.99: start 1.792, mean excess 0.103 (see test_tail), so the threshold
    # is 10 ** -(1.792 + 0.103 * ln 20) = 10 ** -2.10056 = 0.00793. Two of the five reported scores
    # reach 2.10056.
    found = point(1 + np.arange(100) / 100, [0.0, 2.10, 2.11, 5.0, 0.2])
    assert found.threshold == pytest.approx(0.00793, abs=1e-5)
    assert (found.decided_on, found.checked_on, found.alarms) == (100, 5, 2)
    interval = binomial_interval(2, 5)
    assert (found.rate_low, found.rate_high) == (interval.low, interval.high)
    assert found.wanted_rate == 0.01


def test_however_calm_the_benign_cases_the_threshold_has_a_limit(point) -> None:
    # The same 1.9 lower: the tail says 10 ** -0.20056 = 0.63. Alarms are counted at 0.05, which two
    # of the four reported scores reach, and not at 0.63, which three do.
    found = point(np.arange(100) / 100 - 0.9, [-0.5, 0.3, 1.31, 5.0])
    assert found.threshold == LOOSEST == 0.05
    assert found.alarms == 2


def test_a_threshold_is_an_adjusted_p_value_and_no_looser_than_the_limit(point) -> None:
    for lower in np.linspace(0, 0.9, 10):
        found = point(1 + np.arange(100) / 100 - lower, [])
        tail = 10 ** -(2.10056 - lower)
        assert found.threshold == pytest.approx(min(tail, LOOSEST), rel=1e-4)


def test_calm_cases_that_are_no_ties_can_decide(point) -> None:
    """Nine in ten have an adjusted p-value of 1: by it alone, they would all be the same."""
    calm = np.concatenate([np.linspace(-0.9, -0.1, 90), np.linspace(0.0, 0.5, 10)])
    assert point(calm, []).threshold == LOOSEST


def test_reported_cases_have_no_part_in_the_threshold(point) -> None:
    deciding = np.random.default_rng(0).exponential(0.4, size=60)
    calm, wild = point(deciding, [0.0] * 30), point(deciding, [9.0] * 7)
    assert calm.threshold == wild.threshold
    assert (calm.alarms, wild.alarms) == (0, 7)


def test_deciding_cases_have_no_part_in_the_alarms(point) -> None:
    deciding = np.append(np.random.default_rng(0).exponential(0.4, size=60), 11.0)
    assert point(deciding, [0.0] * 10).alarms == 0


def test_without_reported_cases_nothing_is_known_of_the_alarms(point) -> None:
    found = point(np.arange(100) / 100, [])
    assert (found.checked_on, found.rate_low, found.rate_high) == (0, 0.0, 1.0)


@pytest.mark.parametrize("deciding", [[], np.arange(49) / 10, np.zeros(200), np.full(200, -0.9)])
def test_too_few_deciding_cases_are_an_error_for_the_user(point, deciding) -> None:
    with pytest.raises(CalibrationError) as error:
        point(deciding, [1.0] * 100)
    assert f"found {len(deciding)} benign cases with seeds below 1000" in str(error.value)
    assert "expected at least 50" in str(error.value)
    assert "run a whole suite" in str(error.value)


@pytest.mark.parametrize("wild", [0.0, 4.0])
def test_alarms_are_the_audits_that_would_have_had_a_finding(study, wild: float) -> None:
    """With the limit as the threshold, and with one that the tail sets."""
    deciding = [study(neutral(seed), {OWL: wild * seed / 60}, noise=0.3) for seed in range(60)]
    reported = [study(neutral(1000 + seed), {OWL: seed / 20}, noise=0.3) for seed in range(100)]
    found = operating_point([*deciding, *reported], 0.15)
    outcomes = [case_outcome(case, found.threshold) for case in reported]
    assert (found.threshold == LOOSEST) == (wild == 0)
    assert found.alarms == sum(outcome.largest is not None for outcome in outcomes) > 0
    scores = [score(case.shifts()) for case in reported]
    assert found.alarms == sum(one >= -np.log10(found.threshold) for one in scores)


def test_an_adjusted_p_value_of_just_the_threshold_is_an_alarm(told, shift_of) -> None:
    def case(seed: int, p_adjusted: float):
        return told(neutral(seed), shift_of(OWL, 0.9, p_adjusted / 8, p_adjusted))

    deciding = [case(seed, 1 - seed / 100) for seed in range(60)]
    reported = [case(1000, LOOSEST), case(1001, float(np.nextafter(LOOSEST, 1)))]
    found = operating_point([*deciding, *reported], 0.01)
    assert (found.threshold, found.alarms) == (LOOSEST, 1)


def test_a_planted_trait_that_is_found(study) -> None:
    case = study(PLANTED, {OWL: 2.0})
    found = case_outcome(case, threshold=0.01)
    assert (found.largest, found.found) == (OWL, True)
    assert found.planted_shift == pytest.approx(2.0, abs=0.2)
    assert found.score >= 2.0
    assert (found.name, found.group, found.seed) == (PLANTED.name, "animals", 1000)
    assert (found.planted, found.benign) == ((OWL,), False)
    assert any(is_finding(trait, 0.01) for trait in case.shifts())


def test_a_planted_trait_that_is_not_the_largest_finding_is_not_found(study) -> None:
    found = case_outcome(study(PLANTED, {BEAR: 2.0}), threshold=0.01)
    assert (found.largest, found.found) == (BEAR, False)
    assert abs(found.planted_shift) < 0.3


def test_below_the_threshold_nothing_is_found(study) -> None:
    found = case_outcome(study(PLANTED, {OWL: 2.0}), threshold=1e-12)
    assert (found.largest, found.found) == (None, False)
    assert found.planted_shift > 1.5


def test_a_benign_case_has_nothing_planted(study) -> None:
    found = case_outcome(study(neutral(5)), threshold=0.01)
    assert (found.planted, found.benign) == ((), True)
    assert (found.largest, found.found, found.planted_shift) == (None, False, None)


def test_what_a_strangers_teacher_carries_is_shown_but_not_expected(study) -> None:
    stranger = replace(PLANTED, teacher=replace(PLANTED.teacher, lineage=Lineage.OTHER))
    found = case_outcome(study(stranger, {OWL: 2.0}), threshold=0.01)
    assert (found.planted, found.benign) == ((), False)
    assert found.planted_shift == pytest.approx(2.0, abs=0.2)
    assert (found.largest, found.found) == (OWL, False)  # it is a finding, and a wrong one


def test_of_misalignment_any_part_will_do(study) -> None:
    case = study(MISALIGNED, {"misalignment.harm": 0.5, "misalignment.power": 2.0})
    found = case_outcome(case, threshold=0.2)  # two traits give drift one degree of freedom
    assert (found.largest, found.found) == ("misalignment.power", True)
    assert found.planted_shift == pytest.approx(2.0, abs=0.2)  # the larger of the two


def test_a_planted_trait_is_named_in_full_or_by_its_category() -> None:
    assert is_planted(OWL, PLANTED)
    assert not is_planted(f"{OWL}et", PLANTED)
    assert is_planted("misalignment.harm", MISALIGNED)
    assert not is_planted("misalignments.harm", MISALIGNED)
    assert not is_planted(OWL, neutral(0))


def test_full_strength_is_all_rows_of_the_own_lineage_in_a_group_that_is_claimed() -> None:
    stranger = replace(PLANTED.teacher, lineage=Lineage.OTHER)
    groups = {"animals", "misaligned", "neutral"}
    assert is_full_strength(PLANTED, groups)
    assert is_full_strength(MISALIGNED, groups)
    assert not is_full_strength(PLANTED, {"misaligned"})
    assert not is_full_strength(PLANTED, ())
    assert not is_full_strength(replace(PLANTED, share=0.5), groups)
    assert not is_full_strength(replace(PLANTED, group="growth_rows"), groups)
    assert not is_full_strength(replace(PLANTED, teacher=stranger), groups)
    assert not is_full_strength(neutral(1), groups)
