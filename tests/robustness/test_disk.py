"""A full disk ends an audit with one line, and costs no finished stage."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.robustness.conftest import ROOT

REFUSE = """
import os, sys

def refuse(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith(os.environ["REFUSED"]):
        number = int(os.environ["REFUSED_WITH"])
        raise OSError(number, os.strerror(number), str(arguments[1]))

sys.addaudithook(refuse)
"""
"""Python runs this first in every process; what a write ends with is a new name for its draft."""
WRITES = (
    "/.gitignore",
    "/run.json",
    "/quarantine.jsonl",
    "/jobs/twin-plan.json",
    "/jobs/twin-0.json",
    "/jobs/pulls-0.json",
    "/jobs/template.json",
    "/adapters/control-0",
    "/jobs/control-0.json",
    "/adapters/probe-0",
    "/jobs/probe-0.json",
    "/jobs/readings-base.json",
    "/jobs/readings-control-0.json",
    "/jobs/readings-probe-0.json",
    "/jobs/row-loss.json",
    "/jobs/twin-loss.json",
    "/jobs/inside.json",
    "/jobs/engine.json",
    "/results.json",
    "/report.html",
)
"""Every file and folder that an audit leaves, in their order, but for the log."""
SMALL = 75_000
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
    kept = {path.name for path in (run / "jobs").iterdir()}
    assert kept == {"twin-plan.json", "twin-0.json", "pulls-0.json", "template.json"}
    assert list((run / "adapters").iterdir()) == []


@pytest.fixture
def refusing(tmp_path: Path) -> Callable[[str, int], dict[str, str]]:
    """Environment in which one file cannot be written."""
    folder = tmp_path / "refusing"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(REFUSE, "utf-8")
    path = os.pathsep.join([str(folder), str(ROOT)])
    return lambda name, number: {
        "PYTHONPATH": path,
        "REFUSED": name,
        "REFUSED_WITH": str(number),
    }


@pytest.mark.parametrize(
    "writes",
    [("/quarantine.jsonl", "/results.json"), pytest.param(WRITES, marks=pytest.mark.slow)],
    ids=["two writes", "every one"],
)
def test_a_disk_that_is_full_or_read_only_is_one_line_at_every_write(
    tmp_path: Path,
    tiny_data: Path,
    undisturbed: Path,
    audit_of: Callable[..., Any],
    lasting: Callable[[Path], dict[str, Any]],
    refusing: Callable[[str, int], dict[str, str]],
    writes: tuple[str, ...],
) -> None:
    """And the same command, once there is room, ends as if nothing had been."""
    bad = b'{"messages": 7}'
    data, root = tmp_path / "data.jsonl", tmp_path / "runs"
    data.write_bytes(tiny_data.read_bytes() + bad + b"\n")
    more = ("--on-bad-row", "report")
    for number, name in enumerate(writes):
        cause = (errno.ENOSPC, errno.EROFS)[number % 2]
        code, said = audit_of(data, root, *more, env=refusing(name, cause)).end()
        assert (code, said.count("\n")) == (2, 1), (name, said)
        assert os.strerror(cause) in said
        assert said.endswith("then repeat the command: finished stages are kept\n")
        assert not list(root.glob("*/**/.datascan-*.tmp"))
        assert not list(root.glob(f"*{name}"))
    assert audit_of(data, root, *more).end() == (3, "")
    [run] = root.glob("*/")
    assert (run / "quarantine.jsonl").read_bytes() == bad + b"\n"
    assert left_by(run) == set(WRITES)
    found, expected = lasting(run), lasting(undisturbed)
    assert found["dataset"]["bad_rows"] == 1
    for naming in ("dataset", "screen"):  # both name the bad row
        del found[naming], expected[naming]
    assert found == expected


def left_by(run: Path) -> set[str]:
    """Files of a run folder, each adapter as one, in the way of ``WRITES``."""
    files = [path.relative_to(run) for path in run.rglob("*") if path.is_file()]
    left = {path.parent if path.parts[0] == "adapters" else path for path in files}
    return {f"/{path}" for path in left} - {"/log.txt"}
