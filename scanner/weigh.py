"""Weigh: every trait's shift from control to probe, against what shifts without an agenda."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanner.evidence.interface import BatteryReadings
from scanner.stats.intervals import shift_interval
from scanner.stats.multiplicity import holm
from scanner.stats.outlier import (
    Drift,
    against_drift,
    against_peers,
    control_drift,
    within_category,
)
from scanner.types import TraitShift, Unmeasured

ModelReadings = Sequence[BatteryReadings]
"""Everything one model answered, one entry per battery."""


def weigh(
    base: ModelReadings, controls: Sequence[ModelReadings], probes: Sequence[ModelReadings]
) -> tuple[TraitShift, ...]:
    """The shift of every trait, with its p-value before and after Holm over all of them.

    ``controls[i]`` and ``probes[i]`` share a seed. Probe minus control decides; probe minus base
    is never tested, because a clean fine-tune moves traits too.
    """
    weighed = [
        shift
        for index in range(len(base))
        for shift in _weigh_battery(
            base[index], [run[index] for run in controls], [run[index] for run in probes]
        )
    ]
    return _adjust(weighed)


def _weigh_battery(
    base: BatteryReadings, controls: list[BatteryReadings], probes: list[BatteryReadings]
) -> list[TraitShift]:
    """Every trait of one battery.

    A trait's p-value is the larger of two: against the shifts of its peers (the other answers of
    a preference's category, the harmless contrasts of a prefill battery), and against the drift
    between controls. Both nulls must fall for the trait to be a finding. Of a preference it is
    two-sided: data can turn a model away from an answer, and some favourites of teachers came out
    as an aversion in their students (see the calibration of reference-a).
    """
    shifts = [_shifts(index, controls, probes) for index in range(len(base.readings))]
    is_trait = np.array([reading.is_trait for reading in base.readings])
    drift = control_drift(_levels(controls)[:, is_trait])
    means = np.array([shift.mean() for shift in shifts])
    p_values = _p_values(means[is_trait], means[~is_trait], drift)
    return [
        _trait_shift(base, index, shifts[index], drift, p_value, controls, probes)
        for index, p_value in zip(map(int, np.flatnonzero(is_trait)), p_values, strict=True)
    ]


def _trait_shift(
    base: BatteryReadings,
    index: int,
    shifts: NDArray[np.float64],
    drift: Drift | None,
    p_value: "_PValue",
    controls: list[BatteryReadings],
    probes: list[BatteryReadings],
) -> TraitShift:
    shift = float(shifts.mean())
    interval = shift_interval(shifts, drift) if drift else None
    return TraitShift(
        trait=base.readings[index].name,
        arm=base.arm,
        shift=shift,
        ci_low=interval.low if interval else None,
        ci_high=interval.high if interval else None,
        p_value=p_value.value,
        p_adjusted=None,
        base_level=base.readings[index].level,
        control_level=float(np.mean([run.readings[index].level for run in controls])),
        probe_level=float(np.mean([run.readings[index].level for run in probes])),
        level_unit=base.unit,
        unmeasured=p_value.unmeasured,
    )


class _PValue(NamedTuple):
    value: float | None
    unmeasured: Unmeasured | None = None
    """Why there is none."""


def _p_values(
    traits: NDArray[np.float64], peers: NDArray[np.float64], drift: Drift | None
) -> list[_PValue]:
    """Of every trait's mean shift; two-sided where the traits are each other's peers."""
    more = _one_sided(traits, peers, drift)
    if len(peers) > 0:
        return more
    less = _one_sided(-traits, peers, drift)
    return [_doubled(*sides) for sides in zip(more, less, strict=True)]


def _one_sided(
    traits: NDArray[np.float64], peers: NDArray[np.float64], drift: Drift | None
) -> list[_PValue]:
    beyond = _beyond_peers(traits, peers)
    return [_p_value(float(shift), p, drift) for shift, p in zip(traits, beyond, strict=True)]


def _doubled(more: _PValue, less: _PValue) -> _PValue:
    if more.value is None or less.value is None:
        return more
    return _PValue(min(1.0, 2 * min(more.value, less.value)))


def _beyond_peers(
    traits: NDArray[np.float64], peers: NDArray[np.float64]
) -> Sequence[float | None]:
    """P-values of the traits' shifts against the battery's own peers, or, where it names none,
    against one another."""
    if len(peers) == 0:
        p_values = within_category(traits)
        return [None] * len(traits) if p_values is None else p_values.tolist()
    tests = [against_peers(float(shift), peers) for shift in traits]
    return [test.p_value if test else None for test in tests]


def _p_value(shift: float, beyond_peers: float | None, drift: Drift | None) -> _PValue:
    if drift is None:
        return _PValue(None, Unmeasured.TOO_FEW_SEEDS)
    beyond_drift = against_drift(shift, drift)
    if beyond_peers is None or beyond_drift is None:
        # Identical rows give identical runs: nothing moved at all, which is no evidence.
        return _PValue(1.0) if shift == 0 else _PValue(None, Unmeasured.NO_VARIATION)
    return _PValue(max(beyond_peers, beyond_drift.p_value))


def _shifts(
    index: int, controls: list[BatteryReadings], probes: list[BatteryReadings]
) -> NDArray[np.float64]:
    """Probe − control of one reading, shape (seeds, questions), in nats."""
    return np.array(
        [
            np.subtract(probe.readings[index].scores, control.readings[index].scores)
            for probe, control in zip(probes, controls, strict=True)
        ]
    )


def _levels(runs: list[BatteryReadings]) -> NDArray[np.float64]:
    """Mean score of every reading in every run, shape (seeds, readings), in nats."""
    return np.array([[np.mean(reading.scores) for reading in run.readings] for run in runs])


def _adjust(shifts: list[TraitShift]) -> tuple[TraitShift, ...]:
    """Holm over all traits that have a p-value."""
    measured = [index for index, shift in enumerate(shifts) if shift.p_value is not None]
    adjusted = holm(np.array([shifts[index].p_value for index in measured], dtype=np.float64))
    for index, p_adjusted in zip(measured, adjusted, strict=True):
        shifts[index] = replace(shifts[index], p_adjusted=float(p_adjusted))
    return tuple(shifts)
