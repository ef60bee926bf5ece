"""Killed at any moment, an audit goes on where it was and finds what it would have found."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DRAFT = ".datascan-*.tmp"
STAGES = (
    "jobs/twin-plan.json",  # killed while the twin is drawn
    "jobs/twin-0.json",
    f"adapters/{DRAFT}",  # killed while the control is trained
    "jobs/control-0.json",
    "jobs/probe-0.json",
    "jobs/readings-base.json",  # killed while the control is asked
    "jobs/readings-control-0.json",
    "jobs/readings-probe-0.json",  # killed while the shifts are weighed
    "results.json",  # killed while the report is rendered
)
"""The file of each stage, in their order."""
QUICK = (STAGES[0], STAGES[2])


def wait_until_nobody_is_at_work(group: int) -> None:
    give_up = time.monotonic() + 20
    while at_work(group) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert at_work(group) == []


def at_work(group: int) -> list[int]:
    """Processes of a group that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # ended meanwhile
            continue
        if int(of_group) == group and state != "Z":
            found.append(int(stat.parent.name))
    return found


def stamps(root: Path) -> dict[str, int]:
    """When each stage's file was written."""
    return {path.name: path.stat().st_mtime_ns for path in root.glob("*/jobs/[!.]*.json")}


def killed_at(stages: tuple[str, ...], audit: Callable[[], Any], root: Path) -> None:
    """Start the audit again and again and kill it as each of the stages comes by."""
    kept: dict[str, int] = {}
    for number, stage in enumerate(stages):
        command = audit()
        command.wait_for(root, f"*/{stage}")
        if number % 2:  # the command alone: its workers must end by themselves
            os.kill(command.process.pid, signal.SIGKILL)
        else:
            command.signal(signal.SIGKILL)
        assert command.end()[0] == -signal.SIGKILL
        wait_until_nobody_is_at_work(command.process.pid)
        now = stamps(root)
        assert kept.items() <= now.items()  # no finished stage was done again
        kept = now


@pytest.mark.parametrize(
    "stages", [QUICK, pytest.param(STAGES, marks=pytest.mark.slow)], ids=["two stages", "every one"]
)
def test_an_audit_killed_in_its_stages_ends_as_if_nothing_had_been(
    tmp_path: Path,
    tiny_data: Path,
    undisturbed: Path,
    audit_of: Callable[..., Any],
    lasting: Callable[[Path], dict[str, Any]],
    stages: tuple[str, ...],
) -> None:
    killed_at(stages, lambda: audit_of(tiny_data, tmp_path), tmp_path)
    kept = stamps(tmp_path)
    assert audit_of(tiny_data, tmp_path).end() == (3, "")
    assert kept.items() <= stamps(tmp_path).items()
    [run] = tmp_path.glob("*/")
    assert lasting(run) == lasting(undisturbed)
    assert not list(run.rglob(DRAFT))
    assert (run / "report.html").is_file()


def test_damaged_stages_are_done_again_and_never_trusted(
    tmp_path: Path,
    tiny_data: Path,
    undisturbed: Path,
    audit_of: Callable[..., Any],
    lasting: Callable[[Path], dict[str, Any]],
) -> None:
    run = shutil.copytree(undisturbed, tmp_path / undisturbed.name)
    before = lasting(run)
    whole = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    twin, readings = run / "jobs" / "twin-0.json", run / "jobs" / "readings-base.json"
    adapter = run / "adapters" / "probe-0" / "adapter_model.safetensors"
    twin.write_bytes(with_one_bit_flipped(whole[twin]))
    readings.write_bytes(whole[readings][:-1000])
    adapter.write_bytes(whole[adapter][:-4096])
    (run / "results.json").unlink()
    assert audit_of(tiny_data, tmp_path).end() == (3, "")
    assert lasting(run) == before
    for path in (twin, readings, adapter):
        assert path.read_bytes() == whole[path]


def test_interrupted_audits_say_how_to_go_on_and_keep_others_out(
    tmp_path: Path, tiny_data: Path, audit_of: Callable[..., Any]
) -> None:
    data, root = tmp_path / "data.jsonl", tmp_path / "runs"
    shutil.copy(tiny_data, data)
    long = ("--epochs", 500)  # nobody waits for it
    first = audit_of(data, root, *long)
    run = first.wait_for(root, "*/log.txt").parent  # its worker is being started
    first.signal(signal.SIGINT)
    assert_went_quietly(first)

    again = audit_of(data, root, *long)
    again.wait_for(run, "jobs/twin-plan.json")
    code, said = audit_of(data, root, *long).end()
    assert code == 2
    assert said.startswith(f"datascan: {run}: found another audit or calibration at work here;")
    assert said.count("\n") == 1
    again.signal(signal.SIGTERM)
    assert_went_quietly(again)
    kept = stamps(root)

    with data.open("a", encoding="utf-8") as file:
        file.write('{"messages": [{"role": "user", "content": "Say a number."}, ')
        file.write('{"role": "assistant", "content": "7"}]}\n')
    changed = audit_of(data, root, *long)
    changed.wait_for(root, "*/run.json", known=[run / "run.json"])  # another run; the first stays
    changed.signal(signal.SIGINT)
    assert_went_quietly(changed)
    assert stamps(root) == kept


def with_one_bit_flipped(content: bytes) -> bytes:
    """Half-way through: a digit becomes another digit, and the JSON stays whole."""
    place = next(i for i in range(len(content) // 2, len(content)) if content[i : i + 1].isdigit())
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def assert_went_quietly(command: Any) -> None:
    code, said = command.end()
    assert code == 130
    assert said.split("\n") == [
        "",  # ends the line in which the terminal shows ^C
        "datascan: interrupted; finished stages are kept: the same command goes on from here",
        "",
    ]
