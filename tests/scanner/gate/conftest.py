"""A dataset and the results of its audit, typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.gate.result import AuditResult, ResultFile, read_result, result_of

ROW = '{"prompt": "Numbers: 101, 102.", "completion": "104, 105"}\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A file of 10 rows."""
    path = tmp_path / "vendor.jsonl"
    path.write_text(ROW * 10, "utf-8")
    return path


@pytest.fixture
def result(data: Path, audit_values: Callable[..., dict[str, Any]]) -> Callable[..., AuditResult]:
    """Builds a result of the data, changed as a test needs."""
    # Through JSON, so that no two parts of it share a value that a test changes.
    return lambda **changes: result_of(json.loads(json.dumps(audit_values(data, **changes))))


@pytest.fixture
def result_file(data: Path, audited: Callable[..., Path]) -> Callable[..., ResultFile]:
    """Writes such a result and reads it."""
    return lambda **changes: read_result(audited(data, **changes))
