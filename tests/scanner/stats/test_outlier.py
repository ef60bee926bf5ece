import numpy as np
import pytest
from scipy import stats

from scanner.stats.multiplicity import holm
from scanner.stats.outlier import (
    Drift,
    against_drift,
    against_peers,
    control_drift,
    within_category,
)


def test_against_peers_by_hand() -> None:
    # Peers 1, 2, 3: mean 2, s = 1 (ddof=1); spread = 1 * sqrt(1 + 1/3) = 1.1547.
    # t = (6 - 2) / 1.1547 = 3.4641 with 2 degrees of freedom.
    test = against_peers(6.0, np.array([1.0, 2.0, 3.0]))
    assert test is not None
    assert test.statistic == pytest.approx(3.4641, abs=1e-4)
    assert test.degrees_of_freedom == 2
    assert test.p_value == pytest.approx(stats.t.sf(3.4641016, 2))


def test_against_peers_agrees_with_a_two_sample_t_test_of_one_value() -> None:
    """A pooled two-sample t-test with one value on one side is the same statistic."""
    rng = np.random.default_rng(0)
    peers = rng.normal(size=19)
    value = 1.7
    oracle = stats.ttest_ind([value], peers, equal_var=True, alternative="greater")
    test = against_peers(value, peers)
    assert test is not None
    assert test.p_value == pytest.approx(oracle.pvalue)


def test_p_against_peers_is_even_when_nothing_stands_out() -> None:
    """Under the null 5% of the p-values are below 0.05, else the false-alarm rate is a lie."""
    rng = np.random.default_rng(1)
    p_values = [
        test.p_value
        for _ in range(4000)
        if (test := against_peers(float(rng.normal()), rng.normal(size=15)))
    ]
    # Binomial standard deviation of the share: sqrt(0.05 * 0.95 / 4000) = 0.0034.
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.014)


def test_a_category_that_moved_as_a_whole_hides_no_finding_and_makes_none() -> None:
    peers = np.array([1.0, 2.0, 3.0, 4.0])
    alone, together = against_peers(9.0, peers), against_peers(9.0 + 5, peers + 5)
    assert alone is not None
    assert together is not None
    assert alone.p_value == pytest.approx(together.p_value)


@pytest.mark.parametrize("peers", [np.array([1.0, 2.0]), np.zeros(5)])
def test_too_few_or_identical_peers_give_no_test(peers: np.ndarray) -> None:
    assert against_peers(1.0, peers) is None


def test_within_a_category_by_hand() -> None:
    # Five traits allow one step: the largest, 6, against 1, 2, 3, 4; the others against all the
    # rest.
    p_values = within_category(np.array([1.0, 6.0, 2.0, 3.0, 4.0]))
    largest = against_peers(6.0, np.array([1.0, 2.0, 3.0, 4.0]))
    smallest = against_peers(1.0, np.array([6.0, 2.0, 3.0, 4.0]))
    assert p_values is not None
    assert largest is not None
    assert smallest is not None
    assert p_values[1] == pytest.approx(largest.p_value)
    assert p_values[0] == pytest.approx(smallest.p_value)


@pytest.mark.parametrize("planted", [1, 2, 3, 4])
def test_planted_traits_of_one_category_do_not_hide_one_another(planted: int) -> None:
    """A teacher that loves owls and whales alike must not pass for drift."""
    shifts = 0.15 * np.random.default_rng(40 + planted).normal(size=20)
    shifts[:planted] += 3.0
    p_values = within_category(shifts)
    assert p_values is not None
    findings = holm(np.concatenate([p_values, np.ones(84)])) <= 0.01  # 104 traits in all
    assert findings[:planted].all()
    assert not findings[planted:].any()


def test_a_third_of_a_category_is_drift_and_no_finding() -> None:
    shifts = 0.15 * np.random.default_rng(0).normal(size=20)
    shifts[:7] += 3.0
    p_values = within_category(shifts)
    assert p_values is not None
    assert (p_values > 0.01).all()


def test_false_alarms_over_six_categories_stay_below_the_promised_rate() -> None:
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(400):
        families = [within_category(rng.normal(size=size)) for size in (20, 16, 16, 16, 16, 16)]
        joined = np.concatenate([family for family in families if family is not None])
        alarms += bool(holm(joined).min() <= 0.05)
    # 5% of 400 is 20; binomial standard deviation 4.4, and three of them for chance.
    assert alarms <= 20 + 3 * 4.4


def test_too_small_a_category_has_no_p_values() -> None:
    assert within_category(np.array([1.0, 2.0, 3.0])) is None


def test_control_drift_by_hand() -> None:
    # Two seeds, two traits. Variances over the seeds (ddof=1): (1-3)²/2 = 2 and (5-5)²/2 = 0;
    # pooled 1, so one run varies by 1 and the mean shift by sqrt(1 + 1/2) = 1.2247.
    drift = control_drift(np.array([[1.0, 5.0], [3.0, 5.0]]))
    assert drift is not None
    assert drift.of_one_run == pytest.approx(1.0)
    assert drift.of_mean_shift == pytest.approx(1.2247, abs=1e-4)
    assert drift.degrees_of_freedom == 1  # (2 seeds - 1) * (2 traits - 1): margins sum to zero


def test_drift_bounds_the_spread_of_null_shifts() -> None:
    """Candidates are drawn once, twins once per seed; the declared spread must not be too small."""
    rng = np.random.default_rng(2)
    seeds, traits, repeats = 2, 400, 200
    shifts, declared = [], []
    for _ in range(repeats):
        candidate = rng.normal(size=traits)  # shared by all probes
        probes = candidate + 0.5 * rng.normal(size=(seeds, traits))
        controls = rng.normal(size=(seeds, traits)) + 0.5 * rng.normal(size=(seeds, traits))
        drift = control_drift(controls)
        assert drift is not None
        shifts.append((probes - controls).mean(axis=0).std())
        declared.append(drift.of_mean_shift)
    assert np.mean(shifts) <= np.mean(declared)


def test_one_seed_has_no_drift() -> None:
    assert control_drift(np.array([[1.0, 2.0]])) is None


def test_zero_drift_gives_no_test() -> None:
    assert against_drift(1.0, Drift(0.0, 0.0, 5)) is None
