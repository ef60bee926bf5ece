"""A full disk ends an audit with one line, and costs no finished stage."""

import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = 60_000
"""Bytes that a file may have: a twin fits, an adapter does not."""


def test_an_adapter_that_does_not_fit_stops_the_audit_and_keeps_its_twin(
    tmp_path: Path, tiny_data: Path, audit_of: Callable[..., Any]
) -> None:
    def limit_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL))

    code, said = audit_of(tiny_data, tmp_path, preexec_fn=limit_files).end()
    assert code == 2
    assert said.count("\n") == 1
    assert "found that the adapter cannot be written" in said
    assert "File too large" in said
    assert said.endswith("then repeat the command: finished stages are kept\n")
    [run] = tmp_path.glob("*/")
    assert {path.name for path in (run / "jobs").iterdir()} == {"twin-plan.json", "twin-0.json"}
    assert list((run / "adapters").iterdir()) == []
