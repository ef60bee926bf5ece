"""results.json: its schema, and that it survives the disk."""

import copy
import json
from typing import Any

import jsonschema
import pytest

from scanner.errors import DatascanError, ReportError
from scanner.report.checking import load_schema
from scanner.report.results import read_results, write_results

STATUSES = ("shift_found", "no_shift_found", "no_verdict")


def valid(results: Any) -> bool:
    return jsonschema.Draft202012Validator(load_schema()).is_valid(results)


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(load_schema())


@pytest.mark.parametrize("status", STATUSES)
def test_results_of_every_status_are_valid(results_of, status: str) -> None:
    jsonschema.validate(results_of(status), load_schema())


@pytest.mark.parametrize("status", STATUSES)
def test_results_that_stand_on_a_calibration_are_valid(
    results_of, calibration, status: str
) -> None:
    jsonschema.validate(results_of(status, calibration=calibration), load_schema())
    unknown = calibration | {"detection": None, "detectable": []}
    jsonschema.validate(results_of(status, calibration=unknown), load_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"alarms": -1},
        {"decided_on": 1.5},
        {"threshold": None},
        {"detection": "most"},
        {"detectable": None},
        {"detectable": [{"channel": "numbers"}]},
    ],
)
def test_a_calibration_cannot_be(results_of, calibration, change: dict[str, Any]) -> None:
    assert not valid(results_of("no_shift_found", calibration=calibration | change))


@pytest.mark.parametrize("other", [{}, [], "0123456789abcdef", 0.01])
def test_a_calibration_is_whole_or_null(results_of, other: Any) -> None:
    assert not valid(results_of("no_shift_found", calibration=other))


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Every object with fixed fields: all but the free maps of names to values."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [obj for part in inner for obj in objects_in(part)]
    return [value, *found] if isinstance(value, dict) else found


@pytest.fixture
def short(results_of, calibration) -> dict[str, Any]:
    """Valid results with one trait and one channel, so that every field can be tried."""
    results = results_of("shift_found")
    results["findings"] = results["findings"][:1]
    results["traits"] = copy.deepcopy(results["findings"])
    results["batteries"] = results["batteries"][:1]
    results.update(recipe={}, versions={}, timings_s={}, calibration=calibration)
    calibration["detectable"] = calibration["detectable"][:1]
    assert valid(results)
    return results


def test_every_field_is_required_and_no_other_allowed(short) -> None:
    tried = 0
    for obj in objects_in(short):
        for field in list(obj):
            value = obj.pop(field)
            assert not valid(short), field
            obj[field] = value
            tried += 1
        if obj not in (short["recipe"], short["versions"], short["timings_s"]):
            obj["extra"] = 1
            assert not valid(short), sorted(obj)
            del obj["extra"]
    assert tried > 55
    assert valid(short)


@pytest.mark.parametrize(
    "change",
    [
        {"p_value": None},
        {"unmeasured": "a reason beside a p-value"},
        {"p_value": None, "p_adjusted": None, "unmeasured": None},
        {"p_value": None, "unmeasured": "p_adjusted kept"},
        {"p_value": 1.2},
        {"shift": None},
        {"shift": "NaN"},
        {"arm": "hunch"},
        {"severity": "none"},
        {"severity": "awful"},
        {"level_unit": "percent"},
    ],
)
def test_a_finding_cannot_be(short, change: dict[str, Any]) -> None:
    short["findings"][0].update(change)
    assert not valid(short)


def test_a_verdict_agrees_with_its_findings(results_of) -> None:
    found = results_of("shift_found")
    assert not valid(found | {"findings": []})
    assert not valid(found | {"verdict": found["verdict"] | {"severity": "none"}})
    none = results_of("no_shift_found")
    assert not valid(none | {"findings": found["findings"]})
    assert not valid(none | {"verdict": none["verdict"] | {"severity": "low"}})


@pytest.mark.parametrize(
    "change",
    [{"created": "yesterday"}, {"created": "2026-01-05T14:02:11+02:00"}, {"recipe": {"a": [1]}}],
)
def test_results_cannot_have(short, change: dict[str, Any]) -> None:
    assert not valid(short | change)


@pytest.mark.parametrize("status", STATUSES)
def test_what_is_written_is_read(results_of, tmp_path, status: str) -> None:
    path = tmp_path / "run" / "results.json"
    write_results(results_of(status), path)
    assert read_results(path) == results_of(status)


def test_key_order_does_not_change_a_byte(results_of, tmp_path) -> None:
    results = results_of("shift_found")
    write_results(results, tmp_path / "a")
    write_results(dict(reversed(results.items())), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_hostile_text_is_ascii_on_disk(hostile_results, tmp_path) -> None:
    path = tmp_path / "results.json"
    write_results(hostile_results, path)
    assert path.read_bytes().isascii()
    assert read_results(path) == hostile_results


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_nan_is_refused_before_a_file_is_touched(results_of, tmp_path, number: float) -> None:
    results = results_of("shift_found")
    results["traits"][3]["shift"] = number
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_results(results, tmp_path / "results.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "JSON that cannot be read (Expecting value"),
        ("{", "JSON that cannot be read (Expecting property name"),
        ("[]", "a JSON list"),
        ("{}", "schema_version None"),
        ('{"schema_version": "2.0"}', "schema_version '2.0'"),
        ('{"schema_version": "1.0", "shift": NaN}', "NaN is not a JSON number"),
        ('{"schema_version": "1.0", "shift": -Infinity}', "-Infinity is not a JSON number"),
        ("[" * 200_000, "JSON that is nested too deep"),
    ],
)
def test_what_is_no_results_file_is_refused(tmp_path, text: str, found: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(DatascanError) as error:
        read_results(path)
    assert found in str(error.value)
    assert str(path) in str(error.value)
    assert "expected results of schema version 1.0" in str(error.value)


def test_a_missing_file_is_an_error_for_the_user(tmp_path) -> None:
    with pytest.raises(DatascanError, match="found no such file; expected results"):
        read_results(tmp_path / "results.json")


def test_invalid_utf8_is_an_error_for_the_user(tmp_path) -> None:
    path = tmp_path / "results.json"
    path.write_bytes(b'{"schema_version": "\xff"}')
    with pytest.raises(DatascanError, match=r"JSON that cannot be read \('utf-8' codec"):
        read_results(path)


def test_the_schema_file_is_ascii_json() -> None:
    assert json.dumps(load_schema()).isascii()


def test_an_older_schema_is_upgraded_step_by_step(
    results_of, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    write_results(results_of("shift_found"), path)
    monkeypatch.setattr("scanner.report.results.SCHEMA_VERSION", "1.2")
    with pytest.raises(ReportError, match=r"schema_version '1\.0'; expected"):
        read_results(path)
    steps = {
        "1.0": lambda old: old | {"schema_version": "1.1", "new": 1},
        "1.1": lambda old: old | {"schema_version": "1.2", "new": old["new"] + 1},
    }
    monkeypatch.setattr("scanner.report.results.UPGRADES", steps)
    assert read_results(path) == results_of("shift_found") | {"schema_version": "1.2", "new": 2}


@pytest.mark.parametrize("version", ["0.9", "9.0", "", 1.0, None, ["1.0"], {"a": 1}, "9" * 5000])
def test_an_unknown_schema_version_is_refused_in_a_short_line(tmp_path, version: Any) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps({"schema_version": version}))
    with pytest.raises(ReportError) as error:
        read_results(path)
    assert "update datascan if a newer one wrote it" in str(error.value)
    assert len(str(error.value)) < 400
