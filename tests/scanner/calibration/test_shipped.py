"""The certificates in the package: they follow from the raw results, and those come out again."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_models import NAMES
from scanner.bases import find_base
from scanner.calibration.calibrate import CASES_FILE, CalibrationSettings, calibrate, load_cases
from scanner.calibration.cases import TeacherKind
from scanner.calibration.certificate import SHIPPED, Certificate, certificate_values
from scanner.calibration.certificate import load_certificate as load
from scanner.calibration.students import StudiedCase, StudyCase
from scanner.evidence.directions import Arm
from scanner.progress import Silent, unheard
from scanner.report.calibration_markdown import render_calibration_markdown
from scanner.results import versions
from scanner.types import Trace

SUITES = {"reference-a": "full", "reference-b": "quick"}


@pytest.fixture(params=NAMES)
def shipped(request: pytest.FixtureRequest) -> Certificate:
    return load(SHIPPED / f"{request.param}.json")


def raw_results(base: str) -> tuple[StudiedCase, ...]:
    [path] = SHIPPED.glob(f"{base}-*.{CASES_FILE}")
    return load_cases(path)


def what_was_measured(certificate: Certificate) -> dict[str, Any]:
    values = certificate_values(certificate).items()
    return {k: nine_digits(v) for k, v in values if k != "created"}


def nine_digits(value: Any) -> Any:
    """Fits differ between processors in the thirteenth."""
    if isinstance(value, dict):
        return {k: nine_digits(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [nine_digits(v) for v in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


def test_a_certificate_follows_from_its_raw_results(shipped: Certificate, tmp_path: Path) -> None:
    """Every case is known, so nothing is trained: this is the way to certify after a change of
    rules, too."""
    if {name: versions()[name] for name in shipped.versions} != shipped.versions:
        pytest.skip("these packages are of other versions: their raw results would be new ones")
    assert shipped.suite == SUITES[shipped.base_id]
    settings = CalibrationSettings(shipped.base_id, suite=shipped.suite, root=tmp_path)
    made = calibrate(settings, Silent())
    assert made.certificate is not None
    assert what_was_measured(made.certificate) == what_was_measured(shipped)


def test_the_tables_beside_a_certificate_are_its_own(shipped: Certificate) -> None:
    """`datascan calibrate --output reference-a.md` makes them, and the README points there."""
    beside = (SHIPPED / f"{shipped.base_id}.md").read_text("utf-8")
    assert beside == render_calibration_markdown(certificate_values(shipped))


def test_a_recorded_case_comes_out_again(tmp_path: Path) -> None:
    """The cheapest case, from its rows on: two probes, two controls, and all their answers."""
    honest = [
        one for one in raw_results("reference-a") if one.case.teacher.kind is TeacherKind.NOBODY
    ]
    recorded = min(honest, key=lambda one: one.seconds)
    job = StudyCase(recorded.case, find_base("reference-a"), (), tmp_path, tmp_path / "work")
    again = job.run(unheard)
    assert again.twin_temperature == recorded.twin_temperature
    for was, now in zip(recorded.batteries, again.batteries, strict=True):
        # Nats; other processors round otherwise, and training makes that a little larger.
        np.testing.assert_allclose(now.scores, was.scores, atol=0.05)
    # It was recorded when audits still read two arms.
    kept = [one for one in recorded.traces if one.arm == Arm.INFLUENCE]
    assert [(one.trait, one.arm) for one in again.traces] == [(one.trait, one.arm) for one in kept]
    np.testing.assert_allclose(strengths(again.traces), strengths(kept), atol=0.05)


def strengths(traces: Sequence[Trace]) -> list[float]:
    """Of traces; NaN, which equals itself here, where there is none."""
    return [float("nan") if one.strength is None else one.strength for one in traces]
