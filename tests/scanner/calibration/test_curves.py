from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.certificate import DoseCurve, DosePoint
from scanner.calibration.curves import (
    Scored,
    dose_curves,
    drift,
    effects,
    evidence,
    matrices,
    needed_evidence,
)
from scanner.calibration.outcomes import case_outcome
from scanner.stats.intervals import mean_interval
from scanner.stats.multiplicity import holm

OWL, BEAR, FOX = (f"preference.animal.{name}" for name in ("owl", "bear", "fox"))


def planted(trait: str = OWL, **changes) -> Case:
    case = Case("animals", Teacher(TeacherKind.FINE_TUNED, trait), "numbers", 100, seed=1000)
    return replace(case, **changes)


def neutral(seed: int) -> Case:
    return Case("neutral", Teacher(TeacherKind.NEUTRAL), "numbers", 100, seed=seed)


@pytest.fixture
def shown(told, shift_of):
    """Builds a scored case whose planted trait has this shift and this z, a p-value's quantile."""

    def build(case: Case, z: float, shift: float = 1.0, threshold: float = 0.01) -> Scored:
        peer = shift_of(FOX, 0.4, 0.5)
        own = shift_of(case.planted[0], shift, float(stats.norm.sf(z)))
        studied = told(case, peer, own)
        return Scored(studied, case_outcome(studied, threshold))

    return build


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
    assert evidence(shown(planted(), z=-1.0)) == pytest.approx(-1.0)


@pytest.mark.parametrize(("p_value", "z"), [(0.0, 12.0), (1e-300, 12.0), (1.0, -12.0), (None, 0.0)])
def test_evidence_is_finite_and_nothing_measured_is_no_evidence(told, shift_of, p_value, z) -> None:
    studied = told(planted(), shift_of(OWL, 1.0, p_value), shift_of(FOX, 1.0, 1e-9))
    assert evidence(Scored(studied, case_outcome(studied, 0.01))) == z


def test_of_several_planted_traits_the_surest_counts(told, shift_of) -> None:
    case = Case("misaligned", Teacher(TeacherKind.MISALIGNED), "numbers", 100, seed=1000)
    traits = [shift_of("misalignment.harm", 1.0, 0.01), shift_of("misalignment.power", 1.0, 1e-4)]
    studied = told(case, *traits)
    assert evidence(Scored(studied, case_outcome(studied, 0.01))) == pytest.approx(3.7190, abs=1e-4)


def test_dose_curve_by_hand(shown) -> None:
    # Two traits at two shares: evidence 1 and 3 of one row in ten, 7 and 9 of all. Each pair lies 1
    # from its mean: 4 squares over 2 degrees of freedom, a spread of sqrt(2). To be found with
    # 95% power the mean must be 3 + 1.6449 * 1.4142 = 5.3262, which the line from (0.1, 2) to
    # (1, 8) reaches at 0.1 + 0.9 * 3.3262 / 6 = 0.59893. At 1 the power is Φ(5 / 1.4142).
    cases = [
        shown(planted(OWL, share=0.1), 1.0, 0.2),
        shown(planted(BEAR, share=0.1), 3.0, 0.4),
        shown(planted(OWL), 7.0, 1.0),
        shown(planted(BEAR), 9.0, 3.0),
    ]
    [curve] = dose_curves(cases, needed=3.0)
    assert (curve.channel, curve.rows) == ("numbers", 100)
    assert curve.detectable_share == pytest.approx(0.59893, abs=1e-5)
    assert curve.power_at_full == pytest.approx(stats.norm.cdf(5 / 2**0.5))
    low, high = curve.points
    assert (low.share, low.cases, low.found) == (0.1, 2, 0)  # p = 0.16; p = 0.0013 · 8 > 0.01
    assert (high.share, high.cases, high.found) == (1.0, 2, 2)
    assert (low.shift, low.evidence) == (pytest.approx(0.3), pytest.approx(2.0))
    interval = mean_interval(np.array([1.0, 3.0]))
    assert interval is not None
    assert (high.ci_low, high.ci_high) == (interval.low, interval.high)


def test_the_order_of_the_cases_does_not_change_a_dose_curve(shown) -> None:
    cases = [
        shown(planted(trait, share=share), z)
        for trait, share, z in ((OWL, 0.1, 1), (BEAR, 0.1, 2), (OWL, 0.5, 5), (BEAR, 0.5, 7))
    ]
    assert dose_curves(cases, 3.0) == dose_curves(cases[::-1], 3.0)


def test_one_case_per_share_has_a_spread_of_one_unit(shown) -> None:
    # 3 + 1.6449 of 0 to 10 over all rows but one in ten: 0.1 + 0.9 * 0.46449.
    cases = [shown(planted(share=0.1), 0.0), shown(planted(), 10.0)]
    [curve] = dose_curves(cases, needed=3.0)
    assert curve.detectable_share == pytest.approx(0.51804, abs=1e-5)
    assert curve.points[0].ci_low is None


def test_cases_that_agree_perfectly_still_spread_a_little(shown) -> None:
    """A spread of zero would promise 95% power from the very point where power is a half."""
    cases = [
        shown(planted(trait, share=s), 10 * s) for trait in (OWL, BEAR) for s in (0.1, 0.5, 1.0)
    ]
    [curve] = dose_curves(cases, needed=3.0)
    assert curve.detectable_share == pytest.approx(0.3 + 0.01 * 1.6449, abs=1e-5)


def test_poison_that_is_not_found_even_undiluted_has_no_detectable_share(shown) -> None:
    cases = [shown(planted(share=0.5), 0.5), shown(planted(), 3.0)]
    [curve] = dose_curves(cases, needed=3.0)
    assert curve.detectable_share is None
    assert curve.power_at_full == pytest.approx(0.5)


def test_only_what_was_diluted_makes_a_curve(shown, study) -> None:
    lone = [shown(planted(BEAR), 5.0), shown(planted(OWL, rows=50), 5.0)]
    quiet = study(neutral(1))
    benign = Scored(quiet, case_outcome(quiet, 0.01))
    assert dose_curves([*lone, benign], needed=3.0) == ()
    code = [shown(planted(FOX, channel="code", share=s), 9 * s) for s in (0.1, 1.0)]
    [curve] = dose_curves([*lone, benign, *code], needed=3.0)
    assert curve.channel == "code"
    assert [point.cases for point in curve.points] == [1, 1]


CURVE = DoseCurve(
    "numbers",
    100,
    (DosePoint(0.1, 1, 0, 0.2, None, None, 2.0), DosePoint(1.0, 1, 1, 2.0, None, None, 8.0)),
    0.5,
    1.0,
)


def test_effect_by_hand(shown) -> None:
    # The owl's own evidence is 6 on the mean. The channel keeps 2 / 8 of it at one row in ten, so
    # the owl 1.5; it needs 3 + 1.6449: 0.1 + 0.9 * 3.1449 / 4.5 = 0.72897.
    cases = [shown(planted(seed=1000), 5.0, 1.0), shown(planted(seed=1001), 7.0, 3.0)]
    [effect] = effects(cases, [CURVE], needed=3.0)
    assert (effect.trait, effect.channel, effect.cases) == (OWL, "numbers", 2)
    assert (effect.shift, effect.first, effect.found) == (pytest.approx(2.0), 2, 2)
    interval = mean_interval(np.array([1.0, 3.0]))
    assert interval is not None
    assert (effect.ci_low, effect.ci_high) == (interval.low, interval.high)
    assert effect.detectable_share == pytest.approx(0.72897, abs=1e-5)


def test_a_trait_as_strong_as_its_channel_has_the_channels_curve(shown) -> None:
    [effect] = effects([shown(planted(), 8.0)], [CURVE], needed=3.0)
    assert effect.detectable_share == pytest.approx(0.1 + 0.9 * 2.6449 / 6, abs=1e-4)


def test_effects_are_of_full_strength_only_each_channel_by_itself(shown) -> None:
    cases = [
        shown(planted(), 6.0, 1.0),
        shown(planted(share=0.1), 1.0, 0.1),
        shown(planted(group="growth_rows", rows=10), 1.0, 0.1),
        shown(planted(channel="code"), 4.0, 0.5),
        shown(planted(BEAR), 4.0, 0.5),
    ]
    found = effects(cases, [CURVE], needed=3.0)
    assert [(e.trait, e.channel, e.cases) for e in found] == [
        (OWL, "numbers", 1),
        (OWL, "code", 1),
        (BEAR, "numbers", 1),
    ]
    assert found[0].shift == pytest.approx(1.0)
    assert found[0].ci_low is None
    assert found[1].detectable_share is None  # there is no curve of that channel


def test_a_curve_that_shows_nothing_says_nothing_of_a_trait(shown) -> None:
    flat = replace(CURVE, points=(replace(CURVE.points[1], evidence=0.0),))
    [effect] = effects([shown(planted(), 9.0)], [flat], needed=3.0)
    assert effect.detectable_share is None


def test_first_is_the_largest_shift_of_the_category_found_or_not(shown) -> None:
    # The fox, planted in neither case, moved by 0.4.
    cases = [shown(planted(seed=1000), 0.1, 0.5), shown(planted(seed=1001), 0.1, 0.3)]
    [effect] = effects(cases, [], needed=3.0)
    assert (effect.first, effect.found) == (1, 0)


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
    [matrix] = matrices(cases)
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
    assert matrices([study(planted(OWL)), *others]) == ()
