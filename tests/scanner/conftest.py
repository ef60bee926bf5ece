"""A certificate made by hand: it fits nothing until a test makes it fit."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner.calibration.certificate import (
    CaseOutcome,
    Certificate,
    ClaimOutcome,
    DoseCurve,
    DosePoint,
    Effect,
    Matrix,
    OperatingPoint,
    TraitDrift,
    certificate_values,
)

OWL = "preference.animal.owl"


def outcome(seed: int) -> CaseOutcome:
    """A benign case without a finding."""
    name = f"neutral/neutral/numbers/900 rows/100%/T=1/seed {seed}"
    return CaseOutcome(name, "neutral", (), True, seed, 0.25, None, False, None)


CERTIFICATE = Certificate(
    schema_version="1.0",
    id="0123456789abcdef",
    suite="full",
    plan="Written before it was run.",
    base_id="reference-a",
    base_revision="sha256:aa",
    recipe={"rank": 8, "epochs": 3, "learning_rate": 0.003},
    pairs=2,
    batteries={"preference.animal": "b1" * 32, "misalignment": "b2" * 32},
    versions={"python": "3.11.9"},
    created="2026-01-05T14:02:11+00:00",
    operating_point=OperatingPoint(0.03125, 0.01, 100, 110, 2, 0.0022, 0.0641),
    detection=0.9375,
    auc=0.98,
    roc=((0.0, 0.0), (0.0, 0.9), (1.0, 1.0)),
    claims=(
        ClaimOutcome("by_code", "It passes.", "planted", 5, 6, 0.8, 0.36, 0.99, "share", True),
    ),
    effects=(Effect(OWL, "numbers", 1, 1.5, None, None, 1, 1, True, 0.2, None),),
    doses=(
        DoseCurve(
            "numbers", 3600, (DosePoint(0.1, 2, 1, 0.3, -0.2, 0.8, 4.0),), 0.125, 0.999, None
        ),
        DoseCurve("code", 4000, (DosePoint(1.0, 1, 0, 0.2, None, None, 2.0),), None, 0.4567, None),
    ),
    drift=(TraitDrift(OWL, 110, 0.01, 0.1, -0.3, 0.4),),
    matrices=(Matrix("preference.animal", (OWL,), (OWL, OWL), ((1.5,), (1.25,))),),
    cases=(outcome(7), outcome(1007)),
    unmeasured=("case x: needs a base of another lineage",),
    students=8,
    core_seconds=120.5,
)


@pytest.fixture
def certificate() -> Certificate:
    """Change it with ``dataclasses.replace``."""
    return CERTIFICATE


@pytest.fixture
def save_certificate() -> Callable[..., Path]:
    """Writes the certificate with some of its fields changed, as ``datascan calibrate`` does."""

    def save(path: Path, **changes: Any) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(certificate_values(replace(CERTIFICATE, **changes))), "utf-8")
        return path

    return save
