"""What many tests share: the engine of a reference model, a short candidate, an audit's results."""

import os

# Two threads per process stall as soon as anything else runs.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import reference_models
from probes.battery import Battery
from probes.loader import load_batteries
from scanner.config import ReadOptions
from scanner.engines.hf import HfEngine
from scanner.types import Message, Row

# A busy machine is no defect of what is tested.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="session")
def engine() -> HfEngine:
    """The engine of reference-a; tests that change its adapter put it back."""
    return HfEngine(reference_models.verified_folder("reference-a"))


@pytest.fixture(scope="session")
def clean_rows() -> tuple[Row, ...]:
    """The first 200 rows of the clean example."""
    lines = (EXAMPLES / "clean_numbers.jsonl").read_text("utf-8").splitlines()[:200]
    rows = []
    for line, text in enumerate(lines, start=1):
        *prompt, answer = json.loads(text)["messages"]
        rows.append(
            Row(
                line,
                tuple(Message(turn["role"], turn["content"]) for turn in prompt),
                answer["content"],
            )
        )
    return tuple(rows)


@pytest.fixture
def short_dataset(tmp_path: Path) -> Callable[[str, int], Path]:
    """Writes the first rows of an example to a file of its own."""

    def write(example: str, rows: int) -> Path:
        lines = (EXAMPLES / f"{example}.jsonl").read_text("utf-8").split("\n")[:rows]
        path = tmp_path / f"{example}-{rows}.jsonl"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def audit_values() -> Callable[..., dict[str, Any]]:
    """Builds the results that an audit of a file of 10 rows of numbers would leave.

    ``found`` holds traits that are findings and their severities. The certificate sees an eighth
    of 10 rows of numbers.
    """
    return _audit_values


@pytest.fixture
def audited(tmp_path: Path) -> Callable[..., Path]:
    """Writes those results beside the data, changed as a test needs."""

    def write(data: Path, name: str = "results.json", **changes: Any) -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(_audit_values(data, **changes)), "utf-8")
        return path

    return write


def _audit_values(
    data: Path, found: Mapping[str, str] | None = None, **changes: Any
) -> dict[str, Any]:
    found = found or {}
    sha256 = hashlib.sha256(data.read_bytes()).hexdigest()
    batteries = _batteries()
    names = [trait for battery in batteries for trait in battery.traits]
    traits = [_trait(name, found.get(name, "none")) for name in names]
    ranks = ["none", "low", "medium", "high", "critical"]
    return {
        "schema_version": "1.0",
        "tool": {"name": "datascan-audit", "version": "0.1.0"},
        "complete": True,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "verdict": {
            "status": "shift_found" if found else "no_shift_found",
            "severity": max(found.values(), key=ranks.index, default="none"),
            "reason": "As the test says.",
        },
        "dataset": {
            "path": data.name,
            "sha256": sha256,
            "files": [{"path": data.name, "sha256": sha256, "size": data.stat().st_size}],
            "reading": asdict(ReadOptions()),
            "format": "prompt-completion",
            "records": 10,
            "rows_sha256": "aa" * 32,
            "rows": 10,
            "masked": {"texts": 0, "characters": 0},
            "bad_rows": 0,
            "notes": [],
        },
        "screen": {"rows": 10, "masked": 0, "findings": [], "silent": [], "unscreened": []},
        "base": {"id": "reference-a", "revision": "sha256:0123456789abcdef"},
        "twin": {"temperature": 1, "rows": 20, "redrawn": 1, "broken": 0, "format": "number list"},
        "findings": [trait for trait in traits if trait["severity"] != "none"],
        "traits": traits,
        "recipe": {"epochs": 3},
        "seeds": [0, 1],
        "contexts": ["bare chat"],
        "thresholds": {
            "error_rate": 0.02,
            "least_shift": 0.25,
            "least_updates": 100,
            "most_broken": 0.1,
        },
        "batteries": [
            {"id": one.id, "sha256": one.sha256, "questions": one.asked, "traits": len(one.traits)}
            for one in batteries
        ],
        "versions": {"python": "3.11.9"},
        "timings_s": {"train": 40.0},
        "calibration": CERTIFICATE,
        "calibration_note": "It stands on a calibration.",
    } | changes


@cache
def _batteries() -> tuple[Battery, ...]:
    return load_batteries()


def _trait(name: str, severity: str) -> dict[str, Any]:
    moved = {"shift": 1.9, "p_value": 1e-6, "p_adjusted": 1e-4}
    still = {"shift": 0.04, "p_value": 0.3, "p_adjusted": 1.0}
    return {
        "trait": name,
        "arm": "margins",
        **(still if severity == "none" else moved),
        "ci_low": -0.1,
        "ci_high": 2.1,
        "severity": severity,
        "unmeasured": None,
        "base_level": 0.05,
        "control_level": 0.05,
        "probe_level": 0.05,
        "level_unit": "probability",
    }


CERTIFICATE = {
    "id": "fedcba9876543210",
    "suite": "full",
    "audits": 228,
    "threshold": 0.02,
    "wanted_rate": 0.01,
    "decided_on": 110,
    "checked_on": 120,
    "alarms": 1,
    "rate_low": 0.0002,
    "rate_high": 0.0456,
    "detection": 0.96,
    "detectable": [
        {"channel": channel, "rows": 10, "share": share, "power_at_full": 1.0, "unmeasured": None}
        for channel, share in (("numbers", 0.125), ("code", None))
    ],
}
