"""The real command, started to be killed: a tiny audit in a process group of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TINY = ("--base", "reference-a", "--pairs", "1", "--epochs", "1", "--workers", "1", "--quiet")
"""One pair on a few rows: no verdict (exit 3), but every stage."""
ROWS = 24
PATIENCE = 1200.0
"""Seconds until a test gives up; a whole audit takes 30 on an idle core."""

NO_NETWORK = """
import os, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.bind"):
        if not (arguments and isinstance(arguments[-1], str)):  # a text is the path of a pipe
            with open(os.environ["ATTEMPTS"], "a") as file:
                file.write(f"{event} {arguments[1:]!r}\\n")
            raise OSError(f"network: {event}")

sys.addaudithook(refuse)
"""
"""Python runs this first in every process, spawned workers included; nothing can take it back."""


class Command:
    """``datascan`` in a process group of its own, as a shell starts it."""

    def __init__(self, *arguments: object, **options: Any) -> None:
        command = [sys.executable, "-m", "scanner.cli", *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            **options,
        )

    def wait_for(self, folder: Path, pattern: str, known: Collection[Path] = ()) -> Path:
        """A file or folder of that pattern that was not known, as soon as it is there."""
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            if found := set(folder.glob(pattern)) - set(known):
                return found.pop()
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.002)
        raise AssertionError(f"no {pattern} in {PATIENCE:.0f} s")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command and its workers, as a terminal does."""
        os.killpg(self.process.pid, number)

    def end(self) -> tuple[int, str]:
        """Exit code and standard error."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@pytest.fixture
def start() -> Iterator[Callable[..., Command]]:
    """Starts commands; what still runs at the end of the test is killed."""
    started: list[Command] = []

    def start_command(*arguments: object, **options: Any) -> Command:
        started.append(Command(*arguments, **options))
        return started[-1]

    yield start_command
    for command in started:
        if command.process.poll() is None:
            command.signal(signal.SIGKILL)
            command.end()


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few rows of an example."""
    lines = (ROOT / "examples" / "clean_numbers.jsonl").read_text("utf-8").split("\n")[:ROWS]
    path = tmp_path_factory.mktemp("data") / "tiny.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture(scope="session")
def no_network(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment in which every look at the network fails and is written down."""
    folder = tmp_path_factory.mktemp("no-network")
    (folder / "sitecustomize.py").write_text(NO_NETWORK, "utf-8")
    path = os.pathsep.join([str(folder), str(ROOT)])
    return {"PYTHONPATH": path, "ATTEMPTS": str(folder / "attempts.txt"), "HF_HUB_OFFLINE": "0"}


@pytest.fixture(scope="session")
def undisturbed(
    tmp_path_factory: pytest.TempPathFactory, tiny_data: Path, no_network: dict[str, str]
) -> Path:
    """The run folder of a tiny audit that nobody disturbed, and that had no network."""
    root = tmp_path_factory.mktemp("undisturbed")
    code, said = Command("audit", tiny_data, *TINY, "--run-root", root, env=no_network).end()
    assert (code, said) == (3, "")
    [run] = root.glob("*/")
    return run


@pytest.fixture
def audit_of(start: Callable[..., Command]) -> Callable[..., Command]:
    """Starts the tiny audit of a file in a run root."""

    def audit(data: Path, root: Path, *more: object, **options: Any) -> Command:
        return start("audit", data, *TINY, "--run-root", root, *more, **options)

    return audit


@pytest.fixture
def lasting() -> Callable[[Path], dict[str, Any]]:
    """What a run's results say, without what time alone changes."""

    def read(run: Path) -> dict[str, Any]:
        results = json.loads((run / "results.json").read_text("utf-8"))
        assert results.pop("created")
        assert results.pop("timings_s")
        for arm in ("discovery", "activation"):
            assert results[arm].pop("seconds") > 0
        results["explanation"].pop("cost_s", None)
        return dict(results)

    return read
