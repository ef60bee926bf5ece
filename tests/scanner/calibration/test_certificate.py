import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scanner.calibration.certificate import (
    Certificate,
    certificate_values,
    load_certificate,
    mismatch,
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


def reason(certificate: Certificate, **changes: Any) -> str | None:
    """Why the certificate does not speak for the audit it was made for, but for the changes."""
    own = {
        "base_revision": certificate.base_revision,
        "recipe": certificate.recipe,
        "batteries": certificate.batteries,
    }
    return mismatch(certificate, **{**own, **changes})


def test_a_certificate_speaks_for_the_audit_it_was_made_for(certificate: Certificate) -> None:
    assert reason(certificate) is None
    turned = dict(reversed(certificate.recipe.items()))
    assert reason(certificate, recipe=turned) is None


def test_another_base_is_named(certificate: Certificate) -> None:
    said = reason(certificate, base_revision="sha256:bb")
    assert said == "it is of base reference-a (sha256:aa), this audit's base is sha256:bb"


def test_another_recipe_is_named(certificate: Certificate) -> None:
    recipe = certificate.recipe
    assert reason(certificate, recipe=recipe | {"rank": 4}) == (
        "it is of another recipe: rank 8, here 4"
    )
    assert reason(certificate, recipe=recipe | {"dropout": 0.1}) == (
        "it is of another recipe: dropout absent, here 0.1"
    )
    fewer = replace(certificate, recipe={"rank": 8})
    assert reason(fewer, recipe=recipe) == "it is of another recipe: epochs absent, here 3"


def test_other_batteries_are_named(certificate: Certificate) -> None:
    asked = certificate.batteries
    said = "it is of other batteries: {} differ"
    assert reason(certificate, batteries=asked | {"misalignment": "00"}) == said.format(
        "misalignment"
    )
    assert reason(certificate, batteries=asked | {"taste": "00"}) == said.format("taste")
    assert reason(certificate, batteries={}) == said.format("misalignment, preference.animal")
