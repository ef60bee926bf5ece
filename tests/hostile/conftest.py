"""The real command for one case after the other."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {
    "PYTHONPATH": str(ROOT),
    "PYTHONIOENCODING": "utf-8",
    "CI": "true",
    "COLUMNS": "400",  # words that are looked for stay whole
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Outcome:
    """What a command came to."""

    code: int
    out: str
    err: str
    mib: int
    """The most memory that it had at once."""
    seconds: float
    """Of processor time."""


Run = Callable[[Sequence[str], Path], Outcome]


@pytest.fixture(scope="session")
def server() -> Iterator["subprocess.Popen[str]"]:
    """See ``server.py``; one for each process of pytest."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.server"],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.communicate()


@pytest.fixture
def run(server: "subprocess.Popen[str]") -> Run:
    """Runs a command line in a folder, in a fork of the server."""

    def run_in(arguments: Sequence[str], folder: Path) -> Outcome:
        assert server.stdin
        assert server.stdout
        request = {"arguments": list(arguments), "folder": str(folder)}
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        answer = json.loads(server.stdout.readline())
        return Outcome(out=_printed(folder, ".stdout"), err=_printed(folder, ".stderr"), **answer)

    return run_in


def _printed(folder: Path, stream: str) -> str:
    path = folder.with_name(folder.name + stream)
    return path.read_bytes().decode("utf-8") if path.exists() else ""


@pytest.fixture
def process() -> Run:
    """Runs a command line in a process of its own, as a shell does; its memory is not measured."""

    def run_in(arguments: Sequence[str], folder: Path) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "scanner.cli", *arguments],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=600,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode(), 0, 0)

    return run_in
