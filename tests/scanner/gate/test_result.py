import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.errors import DatascanError, GateError
from scanner.gate.result import AuditResult, read_result, result_of
from scanner.types import Severity

OWL = "preference.animal.owl"


def test_what_the_gate_reads(result: Callable[..., AuditResult]) -> None:
    read = result(found={OWL: "high"})
    assert read.complete is True
    assert read.created.utcoffset() is not None
    assert [(one.id, one.severity, one.shift) for one in read.all_findings] == [
        (OWL, Severity.HIGH, 1.9)
    ]
    assert read.calibration is not None
    assert [one.share for one in read.calibration.detectable] == [0.125, None]


def test_what_the_screen_found_is_a_finding_with_its_own_id(
    result: Callable[..., AuditResult],
) -> None:
    found = [{"rule": "hidden-characters", "severity": "high", "rows": 3}]
    screened = result(screen={"findings": found})
    assert [(one.id, one.shift) for one in screened.all_findings] == [
        ("screen.hidden-characters", None)
    ]


def test_the_files_of_a_dataset_count_one_by_one(
    result: Callable[..., AuditResult], audit_values: Callable[..., dict[str, Any]], data: Path
) -> None:
    [digest] = result().dataset.file_digests
    assert digest == hashlib.sha256(data.read_bytes()).hexdigest()
    values = audit_values(data)
    files = [{"path": "a", "sha256": "11" * 32, "size": 1}, {"path": "b", "sha256": "22" * 32}]
    values["dataset"]["files"] = files
    assert result_of(values).dataset.file_digests == ("11" * 32, "22" * 32)


@pytest.mark.parametrize(
    "change",
    [
        {"complete": "yes"},
        {"complete": 1},
        {"created": "yesterday"},
        {"created": "2026-01-05T14:02:11"},
        {"dataset": {}},
        {"dataset": {"files": [], "reading": {}, "rows_sha256": "11" * 32, "rows": 1}},
        {"dataset": {"files": [{"path": "a", "sha256": "xyz"}], "reading": {}}},
        {"findings": None},
        {"traits": [{"trait": OWL}]},
        {"calibration": {}},
        {"verdict": {"status": "clean", "severity": "none", "reason": "x"}},
        {"thresholds": {"error_rate": 2}},
        {"batteries": "all"},
        {"screen": {"findings": [{"rule": "x", "severity": "awful"}]}},
        {"screen": None},
    ],
)
def test_what_is_no_result_is_refused(
    audit_values: Callable[..., dict[str, Any]], data: Path, change: dict[str, Any]
) -> None:
    [key] = change
    with pytest.raises(GateError) as error:
        result_of(audit_values(data) | change, "r.json")
    message = str(error.value)
    assert message.startswith("r.json: found ")
    assert f"as {key}" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"schema_version": "0.9"}', '{"schema_version": "9.9"}', "NaN"],
)
def test_what_is_no_results_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DatascanError, match=r"results\.json: found"):
        read_result(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatascanError, match=r"none\.json: found"):
        read_result(tmp_path / "none.json")


def test_a_pipe_does_not_keep_the_gate_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(GateError, match="no regular file"):
        read_result(tmp_path / "pipe")


def test_the_digest_is_of_the_values_and_not_of_their_layout(
    audited: Callable[..., Path], data: Path, tmp_path: Path
) -> None:
    first = read_result(audited(data, created="2026-01-05T14:02:11+00:00"))
    values = json.loads(first.path.read_text("utf-8"))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(dict(reversed(values.items())), indent=7), "utf-8")
    assert read_result(other).sha256 == first.sha256
    values["traits"][0]["shift"] += 1e-9
    other.write_text(json.dumps(values), "utf-8")
    assert read_result(other).sha256 != first.sha256
