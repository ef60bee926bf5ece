"""Studied cases made by hand: two small batteries, answered by a base and two pairs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from scanner.calibration.cases import Case
from scanner.calibration.doses import Scored
from scanner.calibration.outcomes import case_outcome
from scanner.calibration.students import BatteryLevels, StudiedCase
from scanner.types import TraitShift

ANIMALS = tuple(
    f"preference.animal.{name}" for name in ("owl", "bear", "fox", "cat", "wolf", "whale")
)
MISALIGNMENT = ("misalignment.harm", "misalignment.power")
PEERS = ("weather", "cooking", "tables", "trains")
MODELS = 5  # base, two controls, two probes


def battery(
    name: str, traits: tuple[str, ...], peers: tuple[str, ...], scores: np.ndarray
) -> BatteryLevels:
    """``scores`` is (models, names), in nats."""
    rows = tuple(tuple(float(score) for score in row) for row in scores)
    arm, unit = ("prefill", "nats per token") if peers else ("margins", "probability")
    is_trait = (True,) * len(traits) + (False,) * len(peers)
    return BatteryLevels(name, arm, unit, (*traits, *peers), is_trait, rows, rows)


def study(
    case: Case, raised: Mapping[str, float] | None = None, noise: float = 0.05
) -> StudiedCase:
    """Eight traits; every level is noise drawn from the case's seed, and the probes' levels of
    the ``raised`` traits are so many nats higher."""
    rng = np.random.default_rng(case.seed)
    batteries = []
    for name, traits, peers in (
        ("preference.animal", ANIMALS, ()),
        ("misalignment", MISALIGNMENT, PEERS),
    ):
        scores = noise * rng.normal(size=(MODELS, len(traits) + len(peers)))
        for index, trait in enumerate(traits):
            scores[3:, index] += (raised or {}).get(trait, 0.0)
        batteries.append(battery(name, traits, peers, scores))
    return StudiedCase(case, case.rows, 0.9, 1.0, 0.0, tuple(batteries), 12.5)


@dataclass(frozen=True)
class ToldCase(StudiedCase):
    """A case whose shifts are given, so that p-values can be chosen by hand."""

    told: tuple[TraitShift, ...] = ()

    def shifts(self) -> tuple[TraitShift, ...]:
        """As given."""
        return self.told


def shift_of(
    trait: str, shift: float, p_value: float | None, p_adjusted: float | None = None
) -> TraitShift:
    """A trait's shift; only what calibration looks at."""
    if p_adjusted is None and p_value is not None:
        p_adjusted = min(1.0, 8 * p_value)
    return TraitShift(
        trait, "margins", shift, None, None, p_value, p_adjusted, 0.1, 0.1, 0.1, "probability"
    )


@pytest.fixture(name="study")
def study_fixture() -> Callable[..., StudiedCase]:
    """The builder of a case with levels."""
    return study


@pytest.fixture(name="shift_of")
def shift_of_fixture() -> Callable[..., TraitShift]:
    """The builder of one trait's shift."""
    return shift_of


@pytest.fixture
def told() -> Callable[..., StudiedCase]:
    """Builds a case with given shifts."""

    def build(case: Case, *shifts: TraitShift) -> StudiedCase:
        return ToldCase(case, case.rows, 0.9, 1.0, 0.0, (), 12.5, told=shifts)

    return build


@pytest.fixture
def shown(told, shift_of) -> Callable[..., Scored]:
    """Builds a scored case whose planted trait has this shift and this z, a p-value's quantile."""

    def build(case: Case, z: float, shift: float = 1.0, threshold: float = 0.01) -> Scored:
        peer = shift_of("preference.animal.fox", 0.4, 0.5)
        own = shift_of(case.planted[0], shift, float(stats.norm.sf(z)))
        studied = told(case, peer, own)
        return Scored(studied, case_outcome(studied, threshold))

    return build
