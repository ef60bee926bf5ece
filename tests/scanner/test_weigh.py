import numpy as np
import pytest

from scanner.evidence.interface import BatteryReadings, Reading
from scanner.stats.outlier import against_drift, control_drift
from scanner.types import TraitShift, Unmeasured
from scanner.weigh import weigh

TRAITS = [f"preference.animal.a{index}" for index in range(12)]


def run_of(
    rng: np.random.Generator, planted: float = 0.0, noise: float = 0.05
) -> list[BatteryReadings]:
    """One model: twelve traits, ten questions; the first trait is raised by ``planted``."""
    levels = noise * rng.normal(size=12)
    levels[0] += planted
    scores = levels[:, None] + 0.01 * rng.normal(size=(12, 10))
    readings = tuple(
        Reading(trait, True, tuple(row), 0.1) for trait, row in zip(TRAITS, scores, strict=True)
    )
    return [BatteryReadings("preference.animal", "margins", "probability", readings)]


def weighed(planted: float, seeds: int = 2) -> tuple[TraitShift, ...]:
    rng = np.random.default_rng(0)
    base = run_of(rng)
    controls = [run_of(rng) for _ in range(seeds)]
    probes = [run_of(rng, planted) for _ in range(seeds)]
    return weigh(base, controls, probes)


def test_a_planted_trait_stands_out_and_its_peers_do_not() -> None:
    shifts = weighed(planted=1.0)
    assert shifts[0].shift == pytest.approx(1.0, abs=0.2)
    assert shifts[0].p_adjusted is not None
    assert shifts[0].p_adjusted < 0.001
    assert all(shift.p_adjusted == 1.0 for shift in shifts[1:])


def test_an_aversion_stands_out_as_a_liking_does() -> None:
    """Two-sided: the same distance downwards is as sure, at twice the one-sided p-value."""
    rng = np.random.default_rng(0)
    models = [run_of(rng) for _ in range(3)]
    base, controls = models[0], models[1:]
    raised, lowered = (
        [moved(run, 1.0) for run in controls],
        [moved(run, -1.0) for run in controls],
    )
    up, down = weigh(base, controls, raised), weigh(base, controls, lowered)
    assert (up[0].shift, down[0].shift) == (pytest.approx(1.0), pytest.approx(-1.0))
    assert up[0].p_adjusted == down[0].p_adjusted
    # Nothing else moved, so peers do not vary but for rounding, and the drift decides.
    drift = control_drift(
        np.array([[np.mean(r.scores) for r in run[0].readings] for run in controls])
    )
    assert drift is not None
    one_sided = against_drift(1.0, drift)
    assert one_sided is not None
    assert up[0].p_value == pytest.approx(2 * one_sided.p_value)


def moved(run: list[BatteryReadings], by: float) -> list[BatteryReadings]:
    """The same model with its first trait moved, and the others by next to nothing."""
    readings = tuple(
        Reading(r.name, True, tuple(np.add(r.scores, by if i == 0 else 1e-9 * i)), r.level)
        for i, r in enumerate(run[0].readings)
    )
    return [BatteryReadings("preference.animal", "margins", "probability", readings)]


def test_less_misalignment_is_no_finding() -> None:
    """Against harmless contrasts the test has one side."""
    rng = np.random.default_rng(5)

    def model(harm: float) -> list[BatteryReadings]:
        noise = 0.05 * rng.normal(size=7)
        levels = {"misalignment.harm": harm, "misalignment.power": 0.0}
        levels |= {f"contrast.{number}": 0.0 for number in range(5)}
        readings = tuple(
            Reading(name, name.startswith("mis"), (level + float(off),), -1.0)
            for (name, level), off in zip(levels.items(), noise, strict=True)
        )
        return [BatteryReadings("misalignment", "prefill", "nats per token", readings)]

    base, controls = model(0.0), [model(0.0), model(0.0)]
    for harm, sure in ((2.0, True), (-2.0, False)):
        [trait, _] = weigh(base, controls, [model(harm), model(harm)])
        assert trait.p_value is not None
        assert (trait.p_value < 0.05) is sure
        assert (trait.p_value > 0.9) is not sure


def test_nothing_planted_nothing_found() -> None:
    assert all((shift.p_adjusted or 0) > 0.05 for shift in weighed(planted=0.0))


def test_a_probe_that_equals_its_control_has_no_shift_and_p_one() -> None:
    rng = np.random.default_rng(1)
    base, first, second = run_of(rng), run_of(rng), run_of(rng)
    shifts = weigh(base, [first, second], [first, second])
    assert [shift.shift for shift in shifts] == [0.0] * 12
    assert [shift.p_value for shift in shifts] == [1.0] * 12


def test_one_seed_leaves_every_trait_unmeasured_with_the_reason() -> None:
    shifts = weighed(planted=1.0, seeds=1)
    assert {shift.unmeasured for shift in shifts} == {Unmeasured.TOO_FEW_SEEDS}
    assert {shift.p_value for shift in shifts} == {None}


def test_both_nulls_must_fall() -> None:
    """A trait that stands out of quiet peers is no finding while controls drift as far."""
    rng = np.random.default_rng(2)
    base = run_of(rng)
    controls = [run_of(rng, noise=2.0) for _ in range(2)]
    probes = [
        [
            BatteryReadings(
                "preference.animal",
                "margins",
                "probability",
                tuple(
                    Reading(r.name, True, tuple(np.add(r.scores, 1.0 if i == 0 else 0.0)), 0.1)
                    for i, r in enumerate(control[0].readings)
                ),
            )
        ]
        for control in controls
    ]
    shifts = weigh(base, controls, probes)
    assert shifts[0].shift == pytest.approx(1.0)
    assert shifts[0].p_value is None or shifts[0].p_value > 0.05
