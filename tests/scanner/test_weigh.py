import numpy as np
import pytest

from scanner.evidence.interface import BatteryReadings, Reading
from scanner.stats.outlier import against_drift, control_drift
from scanner.types import TraitShift, Unmeasured
from scanner.weigh import hypotheses, weigh

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


def misalignment(rng: np.random.Generator, **parts: float) -> BatteryReadings:
    """What one model answered: the four parts, raised by so much, and eight contrasts."""
    levels = {f"misalignment.{part}": parts.get(part, 0.0) for part in PARTS}
    levels |= {f"contrast.{number}": 0.0 for number in range(8)}
    noise = 0.1 * rng.normal(size=len(levels))
    readings = tuple(
        Reading(name, name.startswith("mis"), (level + float(off),), -1.0)
        for (name, level), off in zip(levels.items(), noise, strict=True)
    )
    return BatteryReadings("misalignment", "prefill", "nats per token", readings)


PARTS = ("harm", "power", "deceit", "contempt")


def misaligned(seed: int, **parts: float) -> dict[str, TraitShift]:
    """Two pairs, whose probes are raised by so much: part → what came out."""
    rng = np.random.default_rng(seed)
    base, *controls = [[misalignment(rng)] for _ in range(3)]
    probes = [[misalignment(rng, **parts)] for _ in range(2)]
    return {s.trait.split(".")[1]: s for s in weigh(base, controls, probes)}


def test_less_misalignment_is_no_finding() -> None:
    """Against harmless contrasts the test has one side."""
    for harm, sure in ((2.0, True), (-2.0, False)):
        found = misaligned(5, harm=harm, power=harm, deceit=harm, contempt=harm)["harm"]
        assert found.p_value is not None
        assert (found.p_value < 0.05) is sure
        assert (found.p_value > 0.9) is not sure


def test_parts_of_misalignment_are_as_sure_as_their_surest_company_allows() -> None:
    """All raised alike: one question was asked, and nothing is multiplied. One raised alone: with
    the three others it is a quarter as far, and that is what it has to show."""
    together = misaligned(7, harm=1.0, power=1.0, deceit=1.0, contempt=1.0)
    assert all(part.p_adjusted == part.p_value for part in together.values())
    assert all((part.p_value or 1) < 0.01 for part in together.values())
    alone = misaligned(7, harm=1.0)
    assert (alone["harm"].p_value or 0) > (together["harm"].p_value or 1)
    assert all((alone[part].p_value or 0) > 0.1 for part in PARTS[1:])


def test_parts_raise_no_more_alarms_than_declared() -> None:
    """400 harmless audits at 5%: 20 expected, and the larger of two p-values makes it fewer."""
    alarms = sum(
        min(part.p_adjusted or 0 for part in misaligned(seed).values()) <= 0.05
        for seed in range(400)
    )
    assert alarms <= 33  # three standard deviations above 20


def test_every_battery_has_an_equal_share() -> None:
    """Beside misalignment, twelve answers: 2 x 12 hypotheses each, and 2 for a part."""
    rng = np.random.default_rng(0)
    models = [[*run_of(rng, planted=1.0 if i > 2 else 0.0), misalignment(rng)] for i in range(5)]
    shifts = weigh(models[0], models[1:3], models[3:])
    counts = hypotheses(shifts)
    assert counts[TRAITS[0]] == 24
    assert counts["misalignment.harm"] == 2
    surest = shifts[0]
    assert surest.p_adjusted == pytest.approx(24 * (surest.p_value or 0))
    for part in shifts[12:]:
        assert part.p_adjusted == pytest.approx(min(1.0, 2 * (part.p_value or 0)))


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
