import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.calibration.certificate import (
    Certificate,
    certificate_values,
    load_certificate,
)
from scanner.errors import CalibrationError

Save = Callable[..., Path]


def test_what_is_written_is_read(
    certificate: Certificate, save_certificate: Save, tmp_path: Path
) -> None:
    assert load_certificate(save_certificate(tmp_path / "a.json")) == certificate


def test_its_values_are_plain(certificate: Certificate) -> None:
    values = certificate_values(certificate)
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values["operating_point"]["threshold"] == 0.03125
    assert values["doses"][1]["detectable_share"] is None


def test_what_was_not_measured_survives(save_certificate: Save, tmp_path: Path) -> None:
    found = load_certificate(save_certificate(tmp_path / "a.json", detection=None, auc=None))
    assert (found.detection, found.auc) == (None, None)


def broken(values: dict[str, Any], field: str, value: object) -> dict[str, Any]:
    return {**values, field: value}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("operating_point", None),
        ("operating_point", {"threshold": 0.01}),
        ("cases", [{}]),
        ("auc", "high"),
        ("recipe", {"rank": "eight"}),
    ],
)
def test_a_damaged_certificate_is_refused_in_one_line(
    certificate: Certificate, tmp_path: Path, field: str, value: object
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(broken(certificate_values(certificate), field, value)), "utf-8")
    with pytest.raises(CalibrationError) as error:
        load_certificate(path)
    said = str(error.value)
    assert said.startswith(f"{path}: found no certificate of this version")
    assert field in said
    assert "make it again" in said
    assert "\n" not in said


OUT_OF_RANGE = [
    ("operating_point.threshold", 5),
    ("operating_point.threshold", 0),
    ("operating_point.threshold", -0.01),
    ("operating_point.threshold", float("nan")),
    ("operating_point.threshold", float("inf")),
    ("operating_point.wanted_rate", 1.01),
    ("operating_point.rate_low", -0.1),
    ("operating_point.rate_high", float("nan")),
    ("operating_point.alarms", -1),
    ("operating_point.checked_on", 1.5),
    ("detection", 1.5),
    ("detection", float("nan")),
    ("auc", -0.5),
    ("roc.1.1", 2),
    ("recipe.learning_rate", float("inf")),
    ("pairs", 0),
    ("claims.0.at_least", 80),
    ("claims.0.held", -3),
    ("effects.0.shift", float("nan")),
    ("effects.0.detectable_share", 1.2),
    ("doses.0.power_at_full", float("nan")),
    ("doses.0.detectable_share", -0.1),
    ("doses.0.points.0.evidence", float("-inf")),
    ("drift.0.deviation", -0.1),
    ("matrices.0.shifts.0.0", float("nan")),
    ("cases.0.score", float("nan")),
    ("students", -8),
    ("core_seconds", -1.0),
]


def put(values: Any, place: str, value: object) -> None:
    """Change what lies at a place such as ``doses.0.rows``."""
    *parts, last = place.split(".")
    for part in parts:
        values = values[int(part)] if isinstance(values, list) else values[part]
    key: Any = int(last) if isinstance(values, list) else last
    assert key in values or isinstance(values, list)
    values[key] = value


@pytest.mark.parametrize(("place", "value"), OUT_OF_RANGE)
def test_a_number_out_of_its_range_is_refused_where_it_stands(
    certificate: Certificate, tmp_path: Path, place: str, value: object
) -> None:
    """A threshold of 5 would make a finding of every trait, and one of NaN of none."""
    path, values = tmp_path / "a.json", certificate_values(certificate)
    put(values, place, value)
    path.write_text(json.dumps(values), "utf-8")
    with pytest.raises(CalibrationError, match="found no certificate of this version") as error:
        load_certificate(path)
    assert place in str(error.value)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("operating_point.threshold", 1),
        ("operating_point.alarms", 0),
        ("detection", 0),
        ("detection", 1),
        ("cases.0.score", -2.017),
        ("doses.0.power_at_full", None),
    ],
)
def test_the_ends_of_a_range_belong_to_it(
    certificate: Certificate, tmp_path: Path, place: str, value: object
) -> None:
    path, values = tmp_path / "a.json", certificate_values(certificate)
    put(values, place, value)
    path.write_text(json.dumps(values), "utf-8")
    assert certificate_values(load_certificate(path)) == values


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", '{"id": "\xff"}'])
def test_what_is_no_certificate_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(CalibrationError, match="found no certificate of this version"):
        load_certificate(path)


def test_another_version_is_refused_although_it_could_be_read(
    save_certificate: Save, tmp_path: Path
) -> None:
    path = save_certificate(tmp_path / "a.json", schema_version="2.0")
    with pytest.raises(CalibrationError, match=r"found a certificate of version 2\.0; expected 1"):
        load_certificate(path)


def test_a_missing_certificate_is_an_error_for_the_user(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match=r"No such file.*make one with `datascan calibrate`"):
        load_certificate(tmp_path / "a.json")
    with pytest.raises(CalibrationError, match="Is a directory"):
        load_certificate(tmp_path)
