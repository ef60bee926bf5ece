from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.doses import (
    Planted,
    Scored,
    dose_curves,
    evidence,
    needed_evidence,
    trait_shares,
)
from scanner.calibration.outcomes import case_outcome
from scanner.stats.intervals import mean_interval
from scanner.stats.multiplicity import holm
from scanner.stats.power import UNKNOWN_SCATTER

OWL, BEAR, FOX, CAT = (f"preference.animal.{name}" for name in ("owl", "bear", "fox", "cat"))


def planted(trait: str = OWL, **changes) -> Case:
    case = Case("animals", Teacher(TeacherKind.FINE_TUNED, trait), "numbers", 100, seed=1000)
    return replace(case, **changes)


def neutral(seed: int) -> Case:
    return Case("neutral", Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


def test_needed_evidence_by_hand() -> None:
    # 0.01 over 100 traits is 1 in 10,000, which is beyond 3.7190 standard normal units.
    assert needed_evidence(0.01, 100) == pytest.approx(3.7190, abs=1e-4)
    assert needed_evidence(0.5, 1) == pytest.approx(0.0, abs=1e-12)


def test_needed_evidence_is_just_enough_for_a_finding() -> None:
    """One planted trait among many that did not move: Holm's first step decides."""
    for threshold, traits in ((0.01, 104), (0.2, 8)):
        z = needed_evidence(threshold, traits)
        p_values = np.append(np.ones(traits - 1), stats.norm.sf(z))
        assert holm(p_values)[-1] == pytest.approx(threshold)


def test_evidence_is_the_p_value_as_a_normal_quantile(shown) -> None:
    assert evidence(shown(planted(), z=3.0)) == pytest.approx(3.0)
    assert evidence(shown(planted(), z=0.1)) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("p_value", "z"), [(0.0, 12.0), (1e-300, 12.0), (0.5, 0.0), (0.9, 0.0), (1.0, 0.0), (None, 0.0)]
)
def test_evidence_is_finite_and_against_the_trait_is_none(told, shift_of, p_value, z) -> None:
    studied = told(planted(), shift_of(OWL, 1.0, p_value), shift_of(FOX, 1.0, 1e-9))
    assert evidence(Scored(studied, case_outcome(studied, 0.01))) == z


def test_of_several_planted_traits_the_surest_counts(told, shift_of) -> None:
    case = Case("misaligned", Teacher(TeacherKind.MISALIGNED), "numbers", 100, seed=1000)
    traits = [shift_of("misalignment.harm", 1.0, 0.01), shift_of("misalignment.power", 1.0, 1e-4)]
    studied = told(case, *traits)
    assert evidence(Scored(studied, case_outcome(studied, 0.01))) == pytest.approx(3.7190, abs=1e-4)


def test_dose_curve_by_hand(shown) -> None:
    # Three traits at two shares: evidence 1, 2, 3 of one row in ten, 9, 10, 11 of all. Two of each
    # three lie 1 from their mean: 4 squares over 4 degrees of freedom, a spread of 1. A further
    # trait lies sqrt(1 + 1/3) = 1.15470 spreads from their mean, by Student's t of 2 degrees of
    # freedom, whose 95% quantile is 2.91999. So the mean must be 3 + 3.37171, which the line from
    # (0.1, 2) to (1, 10) reaches at 0.1 + 0.9 * 4.37171 / 8 = 0.59182. To spare at 1 are 7 or
    # 6.0622 such units, which has the power 1/2 + 6.0622 / (2 sqrt(2 + 6.0622²)) = 0.98693.
    cases = [
        shown(planted(trait, share=share), z, shift)
        for share, row in ((0.1, ((1, 0.2), (2, 0.3), (3, 0.4))), (1.0, ((9, 1), (10, 2), (11, 3))))
        for trait, (z, shift) in zip((OWL, BEAR, CAT), row, strict=True)
    ]
    [curve] = dose_curves(cases, needed=3.0)
    assert (curve.channel, curve.rows) == ("numbers", 100)
    assert curve.detectable_share == pytest.approx(0.59182, abs=1e-5)
    assert curve.power_at_full == pytest.approx(0.98693, abs=1e-5)
    assert curve.unmeasured is None
    low, high = curve.points
    assert (low.share, low.cases, low.found) == (0.1, 3, 0)  # p = 0.16; p = 0.0013 · 8 > 0.01
    assert (high.share, high.cases, high.found) == (1.0, 3, 3)
    assert (low.shift, low.evidence) == (pytest.approx(0.3), pytest.approx(2.0))
    interval = mean_interval(np.array([1.0, 2.0, 3.0]))
    assert interval is not None
    assert (high.ci_low, high.ci_high) == (interval.low, interval.high)


def test_the_order_of_the_cases_does_not_change_a_dose_curve(shown) -> None:
    cases = [
        shown(planted(trait, share=share), z)
        for trait, share, z in ((OWL, 0.1, 1), (BEAR, 0.1, 2), (OWL, 0.5, 11), (BEAR, 0.5, 12))
    ]
    assert dose_curves(cases, 3.0) == dose_curves(cases[::-1], 3.0)


def test_fewer_traits_promise_less(shown) -> None:
    """The same strengths, told by fewer: there is more that a further trait could be."""

    def share(*traits: str) -> float | None:
        cases = [
            shown(planted(trait, share=s), 11 * s + (-0.2 if index % 2 else 0.2))
            for index, trait in enumerate(traits)
            for s in (0.05, 0.25, 0.5, 1.0)
        ]
        [curve] = dose_curves(cases, needed=3.0)
        return curve.detectable_share

    four, two = share(OWL, BEAR, CAT, FOX), share(OWL, BEAR)
    assert four is not None
    assert two is not None
    assert 3 / 11 < four < two


def test_the_shift_must_be_that_of_a_finding_too(shown) -> None:
    # Surely found by its p-values, but the mean shift passes 0.25 nats halfway from 0.1 to 0.4.
    cases = [
        shown(planted(trait, share=share), 11.0, shift)
        for trait in (OWL, BEAR)
        for share, shift in ((0.2, 0.1), (1.0, 0.4))
    ]
    [curve] = dose_curves(cases, needed=3.0)
    assert curve.detectable_share == pytest.approx(0.6)


def test_one_diluted_trait_says_nothing_of_a_further_one_and_the_reason_is_told(shown) -> None:
    cases = [shown(planted(share=0.1), 0.0), shown(planted(), 10.0)]
    [curve] = dose_curves(cases, needed=3.0)
    assert (curve.detectable_share, curve.power_at_full) == (None, None)
    assert curve.unmeasured == UNKNOWN_SCATTER
    assert [point.cases for point in curve.points] == [1, 1]
    assert curve.points[0].ci_low is None


def test_poison_that_is_not_found_even_undiluted_has_no_detectable_share(shown) -> None:
    cases = [
        shown(planted(trait, share=share), z)
        for trait in (OWL, BEAR)
        for share, z in ((0.5, 0.5), (1.0, 3.0))
    ]
    [curve] = dose_curves(cases, needed=3.0)
    assert (curve.detectable_share, curve.unmeasured) == (None, None)
    assert curve.power_at_full == pytest.approx(0.5)


def test_only_what_was_diluted_makes_a_curve(shown, study) -> None:
    lone = [shown(planted(BEAR), 5.0), shown(planted(OWL, rows=50), 5.0)]
    quiet = study(neutral(1))
    benign = Scored(quiet, case_outcome(quiet, 0.01))
    assert dose_curves([*lone, benign], needed=3.0) == ()
    assert trait_shares([*lone, benign], needed=3.0) == {}
    code = [shown(planted(FOX, channel="code", share=s), 9 * s) for s in (0.1, 1.0)]
    [curve] = dose_curves([*lone, benign, *code], needed=3.0)
    assert curve.channel == "code"
    assert [point.cases for point in curve.points] == [1, 1]


def test_a_teachers_undiluted_rows_count_whatever_group_they_were_studied_in(shown) -> None:
    undiluted = shown(planted(group="animals", seed=1000), z=9.0)
    tenth = shown(planted(group="dose_numbers", seed=1500, share=0.1), z=1.0)
    [curve] = dose_curves([undiluted, tenth], needed=4.0)
    assert [point.share for point in curve.points] == [0.1, 1.0]
    other_rows = shown(planted(seed=1000, rows=900), z=9.0)
    assert dose_curves([other_rows, tenth], needed=4.0) == ()


def diluted(shown, table: dict[str, tuple[float, ...]], **changes) -> list[Scored]:
    """Cases of every trait at a tenth, a half and all of the rows, with this evidence."""
    return [
        shown(planted(trait, share=share, **changes), z)
        for trait, row in table.items()
        for share, z in zip((0.1, 0.5, 1.0), row, strict=False)
    ]


def test_trait_shares_by_hand(shown) -> None:
    # Two traits at two shares, [1, 9] and [4, 14 - 3 = 11]: grand mean 6.25, trait means 5 and 7.5,
    # share means 2.5 and 10. Residuals are ±0.25: 4 / 16 over 1 degree of freedom, a spread of 0.5.
    # Student's 95% quantile of 1 degree is 6.31375, so 3 + 3.15688 is needed, which the owl reaches
    # at 0.1 + 0.4 * 5.15688 / 8 = 0.35784, and the bear at 0.1 + 0.4 * 2.15688 / 7 = 0.22325.
    found = trait_shares(diluted(shown, {OWL: (1, 9), BEAR: (4, 11)}), needed=3.0)
    assert set(found) == {(OWL, "numbers"), (BEAR, "numbers")}
    assert found[Planted(OWL, "numbers")].share == pytest.approx(0.35784, abs=1e-5)
    assert found[Planted(BEAR, "numbers")].share == pytest.approx(0.22325, abs=1e-5)


def test_a_trait_is_judged_by_its_own_evidence(shown) -> None:
    strong, weak, dead = (2, 6, 11.5), (1.5, 5, 10), (0.1, 0.2, 0.1)
    found = trait_shares(diluted(shown, {OWL: strong, BEAR: weak, CAT: dead}), needed=3.0)
    owl, bear, cat = (found[Planted(trait, "numbers")].share for trait in (OWL, BEAR, CAT))
    assert owl is not None
    assert bear is not None
    assert owl < bear
    assert cat is None


def test_each_channel_has_its_own_runs(shown) -> None:
    wild = {OWL: (0, 8, 9), BEAR: (3, 4, 12)}
    calm = {OWL: (2, 6, 10), BEAR: (2, 6, 10)}
    alone = trait_shares(diluted(shown, calm), needed=3.0)
    both = trait_shares([*diluted(shown, calm), *diluted(shown, wild, channel="code")], needed=3.0)
    key = Planted(OWL, "numbers")
    assert both[key] == alone[key]
    assert both[Planted(OWL, "code")] != alone[key]


def test_one_diluted_trait_has_no_other_to_tell_runs_by(shown) -> None:
    [found] = trait_shares(diluted(shown, {OWL: (1, 5, 9)}), needed=3.0).values()
    assert (found.share, found.unmeasured) == (None, UNKNOWN_SCATTER)
