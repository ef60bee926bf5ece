import numpy as np
import pytest
from scipy import stats

from scanner.stats.power import (
    LEAST_SPREAD,
    UNKNOWN_SCATTER,
    Doses,
    Needed,
    Scatter,
    detectable_share,
    further_run,
    further_trait,
)

NEEDED = Needed(evidence=3.0, shift=0.25)
ONE_UNIT = Scatter(scale=1.0, degrees_of_freedom=2)


def doses(table: dict[float, list[float]], shifts: dict[float, float] | None = None) -> Doses:
    """Evidence of the first, second ... trait by share; shifts are enough unless they are told."""
    points = [
        (trait, share, evidence, (shifts or {}).get(share, 1.0))
        for share, row in table.items()
        for trait, evidence in enumerate(row)
    ]
    traits, shares, evidence, moved = zip(*points, strict=True)
    return Doses(np.array(traits), *map(np.array, (shares, evidence, moved)))


def test_margin_and_power_by_hand() -> None:
    # Student's t with 2 degrees of freedom has P(T < t) = 1/2 + t / (2 sqrt(2 + t²)), so 95% lie
    # below 2.9200, and 1/2 + 2 / (2 sqrt(6)) = 0.90825 below 2.
    wide = Scatter(scale=1.5, degrees_of_freedom=2)
    assert wide.margin(0.95) == pytest.approx(1.5 * 2.9200, abs=1e-4)
    assert wide.power(mean=6.0, needed=3.0) == pytest.approx(0.90825, abs=1e-5)
    assert wide.power(mean=3.0, needed=3.0) == pytest.approx(0.5)


def test_a_mean_with_the_margin_to_spare_has_the_power() -> None:
    for power in (0.5, 0.8, 0.95):
        mean = NEEDED.evidence + ONE_UNIT.margin(power)
        assert ONE_UNIT.power(mean, NEEDED.evidence) == pytest.approx(power)


def test_scatter_of_a_further_trait_by_hand() -> None:
    # Three traits 1 apart at either share: 2 + 2 squares over 4 degrees of freedom, a spread of 1.
    # A further trait minus the mean of three has variance 1 + 1/3; three traits, 2 of freedom.
    found = further_trait(doses({0.1: [1, 2, 3], 1.0: [9, 11, 10]}))
    assert found is not None
    assert found.scale == pytest.approx((4 / 3) ** 0.5)
    assert found.degrees_of_freedom == 2


def test_a_further_trait_is_below_the_margin_as_often_as_promised() -> None:
    """Four traits, each a constant apart from the mean in all of three shares: the worst case for
    whoever counts points as independent."""
    rng = np.random.default_rng(0)
    misses, trials = 0, 2000
    for _ in range(trials):
        traits, further = rng.normal(size=4), rng.normal()
        found = further_trait(doses({share: list(10 * share + traits) for share in (0.1, 0.5, 1)}))
        assert found is not None
        misses += further - traits.mean() < -found.margin(0.95)
    # 5% of 2,000, whose standard error is 0.5%. Normal margins (1.645 spreads) miss 12%.
    assert misses / trials == pytest.approx(0.05, abs=0.015)


def test_moving_all_evidence_does_not_change_the_scatter() -> None:
    plain = {0.1: [1.0, 2.5, 2.0], 0.5: [3.0, 6.0, 5.0], 1.0: [7.0, 9.0, 9.5]}
    moved = {share: [5 + one for one in row] for share, row in plain.items()}
    for scatter in (further_trait, further_run):
        first, second = scatter(doses(plain)), scatter(doses(moved))
        assert first is not None
        assert second is not None
        assert second.scale == pytest.approx(first.scale)


def test_one_trait_says_nothing_of_a_further_one() -> None:
    assert further_trait(doses({0.1: [1.0], 1.0: [5.0]})) is None
    assert further_trait(doses({0.1: [1.0], 1.0: [5.0, 6.0]})) is None  # one at one of the shares


def test_scatter_of_a_further_run_by_hand() -> None:
    # [[1, 9], [4, 14]]: grand mean 7, trait means 5 and 9, share means 2.5 and 11.5. Fitted are
    # 0.5, 9.5, 4.5, 13.5; residuals ±0.5, 4 · 0.25 = 1 over 1 degree of freedom.
    found = further_run(doses({0.1: [1, 4], 1.0: [9, 14]}))
    assert found is not None
    assert found.scale == pytest.approx(1.0)
    assert found.degrees_of_freedom == 1


def test_strong_and_weak_traits_do_not_spread_the_runs() -> None:
    """A trait of its own strength has it in every share: that is no difference between runs."""
    near = doses({0.1: [1, 2, 2.5], 0.5: [4, 5.5, 5], 1.0: [9, 10, 11]})
    far = Doses(near.traits, near.shares, near.evidence + 50.0 * near.traits, near.shifts)
    first, second = further_run(near), further_run(far)
    assert first is not None
    assert second is not None
    assert second.scale == pytest.approx(first.scale)
    assert second.degrees_of_freedom == first.degrees_of_freedom == (3 - 1) * (3 - 1)


def test_a_missing_point_costs_a_degree_of_freedom() -> None:
    assert (found := further_run(doses({0.1: [1, 2], 0.5: [4, 5], 1.0: [9, 10, 11]}))) is not None
    assert found.degrees_of_freedom == 7 - (3 + 3 - 1)


def test_without_a_degree_of_freedom_runs_have_no_scatter() -> None:
    assert further_run(doses({0.1: [1.0], 0.5: [3.0], 1.0: [5.0]})) is None  # one trait
    assert further_run(doses({1.0: [1.0, 3.0, 5.0]})) is None  # one share


def test_points_that_agree_perfectly_still_scatter_a_little() -> None:
    """A scatter of zero would promise 95% power from the very share where power is a half."""
    flat = doses({0.1: [1, 1], 1.0: [9, 9]})
    assert further_trait(flat) == Scatter(LEAST_SPREAD * 1.5**0.5, 1)
    assert further_run(flat) == Scatter(LEAST_SPREAD, 1)


def test_detectable_share_by_hand() -> None:
    # 95% power needs 3 + 2.9200 * 1 = 5.9200. On the line from (0.1, 2) to (0.5, 10) that is at
    # 0.1 + 0.4 * 3.9200 / 8 = 0.29600. At 0.5 there are 7 to spare: 1/2 + 7 / (2 sqrt(51)).
    found = detectable_share(doses({0.1: [1, 3], 0.5: [9, 11]}), ONE_UNIT, NEEDED)
    assert found.share == pytest.approx(0.29600, abs=1e-5)
    assert found.power_at_full == pytest.approx(0.5 + 3.5 / 51**0.5)
    assert found.unmeasured is None


def test_the_order_of_the_points_does_not_matter() -> None:
    plain = doses({0.1: [1, 3], 0.5: [9, 11], 1.0: [11, 12]})
    turned = Doses(plain.traits[::-1], plain.shares[::-1], plain.evidence[::-1], plain.shifts[::-1])
    assert detectable_share(turned, ONE_UNIT, NEEDED) == detectable_share(plain, ONE_UNIT, NEEDED)


def test_at_the_detectable_share_the_power_is_what_was_asked_for() -> None:
    means = {0.05: [0.5], 0.25: [3.5], 1.0: [11.0]}
    for power in (0.5, 0.8, 0.95):
        found = detectable_share(doses(means), ONE_UNIT, NEEDED, power)
        assert found.share is not None
        there = float(np.interp(found.share, list(means), np.ravel(list(means.values()))))
        assert ONE_UNIT.power(there, NEEDED.evidence) == pytest.approx(power)


def test_evidence_that_is_never_enough_has_no_detectable_share() -> None:
    # Evidence 4 at all rows is 1 to spare: 1/2 + 1 / (2 sqrt(3)) = 0.78868 of such cases are found.
    found = detectable_share(doses({0.1: [1], 1.0: [4]}), ONE_UNIT, NEEDED)
    assert found.share is None
    assert found.power_at_full == pytest.approx(0.78868, abs=1e-5)


def test_a_share_is_detectable_just_where_power_at_full_is_reached() -> None:
    for at_full in np.linspace(2.0, 12.0, 101):
        found = detectable_share(doses({0.1: [0], 1.0: [at_full]}), ONE_UNIT, NEEDED)
        assert found.power_at_full is not None
        assert (found.share is not None) == (found.power_at_full >= 0.95)


def test_below_the_smallest_share_tried_nothing_is_promised() -> None:
    assert detectable_share(doses({0.1: [8], 1.0: [9]}), ONE_UNIT, NEEDED).share == 0.1


def test_more_poison_cannot_mean_less_evidence() -> None:
    # 2, 9, 7 is read as 2, 8, 8 (the mean of those out of order), not as 2, 9, 9: one lucky case
    # must not stand for all larger shares. 5.9200 is at 0.1 + 0.4 * 3.9200 / 6 = 0.36133.
    found = detectable_share(doses({0.1: [2], 0.5: [9], 1.0: [7]}), ONE_UNIT, NEEDED)
    assert found.share == pytest.approx(0.36133, abs=1e-5)
    assert found.power_at_full == pytest.approx(stats.t.cdf(5.0, 2))


def test_the_mean_shift_must_be_large_enough_as_well() -> None:
    # The evidence is enough from 0.1 on; the mean shift rises from 0.05 to 0.65 and reaches 0.25 a
    # third of the way: 0.1 + 0.9 / 3 = 0.4.
    sure = {0.1: [8.0], 1.0: [9.0]}
    found = detectable_share(doses(sure, {0.1: 0.05, 1.0: 0.65}), ONE_UNIT, NEEDED)
    assert found.share == pytest.approx(0.4)
    assert detectable_share(doses(sure, {0.1: 0.25, 1.0: 0.3}), ONE_UNIT, NEEDED).share == 0.1


def test_shifts_are_made_monotone_too() -> None:
    # 0.1, 0.5, 0.3 is read as 0.1, 0.4, 0.4: 0.25 is half the way from 0.1 to 0.5.
    told = doses({0.1: [8], 0.5: [9], 1.0: [10]}, {0.1: 0.1, 0.5: 0.5, 1.0: 0.3})
    assert detectable_share(told, ONE_UNIT, NEEDED).share == pytest.approx(0.3)


def test_a_shift_that_is_never_enough_is_found_half_the_time_at_most() -> None:
    small = {0.1: 0.1, 1.0: 0.2}
    found = detectable_share(doses({0.1: [8], 1.0: [12]}, small), ONE_UNIT, NEEDED)
    assert (found.share, found.power_at_full) == (None, 0.5)
    found = detectable_share(doses({0.1: [0], 1.0: [1]}, small), ONE_UNIT, NEEDED)
    assert found.power_at_full == pytest.approx(stats.t.cdf(-2.0, 2))


def test_one_share_is_enough_or_not() -> None:
    assert detectable_share(doses({1.0: [6]}), ONE_UNIT, NEEDED).share == 1.0
    assert detectable_share(doses({1.0: [5]}), ONE_UNIT, NEEDED).share is None


def test_without_scatter_nothing_is_known_and_the_reason_is_told() -> None:
    found = detectable_share(doses({0.1: [8], 1.0: [9]}), None, NEEDED)
    assert (found.share, found.power_at_full) == (None, None)
    assert found.unmeasured == UNKNOWN_SCATTER
    assert "fewer than two diluted traits" in UNKNOWN_SCATTER


def test_one_traits_own_points() -> None:
    own = doses({0.1: [1, 2], 1.0: [8, 9]}).of_trait(1)
    assert own.shares.tolist() == [0.1, 1.0]
    assert own.evidence.tolist() == [2, 9]
