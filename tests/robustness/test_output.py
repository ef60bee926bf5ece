"""Whatever becomes of the output, no exit code says findings that are none."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scanner.cli.console import Terminal

ROOT = Path(__file__).parents[2]
CASES = (["--help"], ["--version"])


def datascan(*arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scanner.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, text=True, check=False, **streams)


@pytest.fixture
def closed_pipe() -> Any:
    """A pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_a_reader_that_has_gone_is_an_error_and_no_finding(
    closed_pipe: int, arguments: list[str]
) -> None:
    done = datascan(*arguments, stdout=closed_pipe, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", CASES, ids=" ".join)
def test_a_full_disk_under_the_output_is_one_line(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = datascan(*arguments, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "found No space left on device" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["audit"], ["clean", "none"]], ids=" ".join)
def test_an_error_that_nobody_can_hear_keeps_its_code(
    closed_pipe: int, arguments: list[str]
) -> None:
    assert datascan(*arguments, stderr=closed_pipe).returncode == 2


def test_a_summary_that_nobody_reads_does_not_end_the_command(closed_pipe: int) -> None:
    with os.fdopen(os.dup(closed_pipe), "w") as file:
        console = Terminal(file=file)
        console.print("findings")  # rich alone would exit 1 here
        console.print("more")
        os.dup2(os.open(os.devnull, os.O_WRONLY), file.fileno())
