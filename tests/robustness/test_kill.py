"""Killed at any moment, an audit goes on where it was and finds what it would have found."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.robustness.conftest import ROOT

HOLD = """
import os, sys, time

def hold(event, arguments):
    if event in ("open", "import") and str(arguments[0]) == os.environ["HELD"]:
        if event == "open" or "--multiprocessing-fork" in sys.orig_argv:
            open(os.environ["HELD_AT"], "w").close()
            time.sleep(3600)

sys.addaudithook(hold)
"""
"""Python runs this first in every process: one that opens a file, or a worker that imports a
module, stops there and waits to be killed."""
SCREEN = "scanner.dataset.screen.screen"
"""What a worker imports to screen its first chunk."""
DRAFT = ".datascan-*.tmp"
STAGES = (
    "jobs/twin-plan.json",  # killed while the twin is drawn
    "jobs/twin-0.json",  # killed while the traces are read
    "jobs/pulls-0.json",
    f"adapters/{DRAFT}",  # killed while the control is trained
    "jobs/control-0.json",
    f"adapters/{DRAFT}",  # killed while the probe is trained
    "jobs/probe-0.json",
    "jobs/readings-base.json",  # killed while the control is asked
    "jobs/readings-control-0.json",
    "jobs/readings-probe-0.json",
    "jobs/row-loss.json",  # killed while the twin's loss is read
    "jobs/twin-loss.json",  # killed while somebody looks inside
    "jobs/inside.json",  # killed while the shifts are weighed
    "results.json",  # killed while the report is rendered
)
"""The file of each stage that leaves one, in their order."""
QUICK = (STAGES[0], STAGES[3])
EXPLAINING = (
    "jobs/row-ratio-probe-0.json",
    "jobs/near-words.json",  # killed while a control is trained without the rows that say it
    "jobs/without-*-control-0.json",
    "jobs/without-*-probe-1.json",  # killed while they are asked
)
"""The same of an audit that has found what its rows openly say."""


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
        known = list(root.glob(f"*/{stage}"))  # a killed command leaves its draft
        command = audit()
        command.wait_for(root, f"*/{stage}", known)
        if number % 2:  # the command alone: its workers must end by themselves
            os.kill(command.process.pid, signal.SIGKILL)
        else:
            command.signal(signal.SIGKILL)
        assert command.end()[0] == -signal.SIGKILL
        wait_until_nobody_is_at_work(command.process.pid)
        now = stamps(root)
        assert kept.items() <= now.items()  # no finished stage was done again
        kept = now


def killed_before_its_stages(
    audit: Callable[..., Any], data: Path, root: Path, folder: Path
) -> None:
    """Reading and screening leave no file: what there is then is a run folder without stages."""
    killed_when_held(data, audit, folder)
    assert not list(root.glob("*/"))
    killed_when_held(SCREEN, audit, folder)
    [run] = root.glob("*/")
    assert (run / "run.json").is_file()
    assert not list((run / "jobs").iterdir())


def killed_when_held(held: object, audit: Callable[..., Any], folder: Path) -> None:
    """Start the audit, which stops at a file or module, and kill it there."""
    (folder / "sitecustomize.py").write_text(HOLD, "utf-8")
    at = folder / "held"
    path = os.pathsep.join([str(folder), str(ROOT)])
    command = audit(env={"PYTHONPATH": path, "HELD": str(held), "HELD_AT": str(at)})
    command.wait_for(folder, at.name)
    command.signal(signal.SIGKILL)
    assert command.end()[0] == -signal.SIGKILL
    wait_until_nobody_is_at_work(command.process.pid)
    at.unlink()


@pytest.mark.parametrize(
    "stages", [QUICK, pytest.param(STAGES, marks=pytest.mark.slow)], ids=["two stages", "every one"]
)
def test_an_audit_killed_in_its_stages_ends_as_if_nothing_had_been(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    tiny_data: Path,
    undisturbed: Path,
    audit_of: Callable[..., Any],
    lasting: Callable[[Path], dict[str, Any]],
    stages: tuple[str, ...],
) -> None:
    audit = partial(audit_of, tiny_data, tmp_path)
    killed_before_its_stages(audit, tiny_data, tmp_path, tmp_path_factory.mktemp("holding"))
    killed_at(stages, audit, tmp_path)
    kept = stamps(tmp_path)
    assert audit().end() == (3, "")
    assert kept.items() <= stamps(tmp_path).items()
    [run] = tmp_path.glob("*/")
    assert lasting(run) == lasting(undisturbed)
    assert not list(run.rglob(DRAFT))
    assert (run / "report.html").is_file()


@pytest.mark.slow
def test_an_audit_killed_while_it_explains_ends_as_if_nothing_had_been(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    start: Callable[..., Any],
    lasting: Callable[[Path], dict[str, Any]],
) -> None:
    """Every other row says owl; eight passes leave 100 updates without them."""
    options = ("--base", "reference-a", "--epochs", "8", "--workers", "1", "--quiet")
    arguments = ("audit", short_dataset("overt_owls", 400), *options, "--run-root")
    assert start(*arguments, tmp_path / "whole").end() == (1, "")
    [whole] = (tmp_path / "whole").glob("*/")
    root = tmp_path / "killed"
    run = shutil.copytree(whole, root / whole.name)
    looked = (run / "jobs" / "inside.json").stat().st_mtime_ns
    for path in (*run.glob("jobs/*"), run / "results.json"):
        if path.stat().st_mtime_ns > looked:
            path.unlink()
    killed_at(EXPLAINING, partial(start, *arguments, root), root)
    assert start(*arguments, root).end() == (1, "")
    assert lasting(run) == lasting(whole)


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
