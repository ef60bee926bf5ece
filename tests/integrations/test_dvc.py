"""The stages, run by dvc itself in an environment of its own, and their commands in a shell.

dvc is no part of the extra dev: it brings sixty packages and a plugin that every pytest would load.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ci" / "dvc.yaml"
STAGES: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))["stages"]
# Nothing of dvc's own goes out: no usage statistics, no look for a newer version.
QUIET = {"DVC_NO_ANALYTICS": "true", "DVC_TEST": "true", "CI": "true"}


@pytest.fixture(scope="session")
def dvc(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The command: the one named in DATASCAN_TEST_DVC, one on the PATH, or a new installation."""
    found = os.environ.get("DATASCAN_TEST_DVC") or shutil.which("dvc")
    return found or installed(tmp_path_factory.mktemp("dvc"))


def installed(folder: Path) -> str:
    pip = folder / "bin" / "pip"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [pip, "install", "--quiet", "-c", ROOT / "constraints.txt", "dvc"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"dvc cannot be installed here: {done.stderr[-200:]}")
    return str(folder / "bin" / "dvc")


@pytest.fixture
def stages(repository: Path, datascan: Path) -> Path:
    """The repository with the example's stages. Its audit takes no time: the results are there."""
    shutil.copy(EXAMPLE, repository / "dvc.yaml")
    shutil.copy(repository / "data" / "good.jsonl", repository / "data" / "vendor.jsonl")
    shutil.copy(repository / "audits" / "good.json", repository / "prepared.json")
    train = repository / "train.sh"
    train.write_text("#!/bin/sh\necho trained >> trained.txt\n", "utf-8")
    train.chmod(0o755)
    shim = datascan.read_text("utf-8")
    audit = '[ "$1" = audit ] && exec cp prepared.json audits/vendor.json\n'
    datascan.write_text(shim.replace("PYTHONPATH", audit + "PYTHONPATH", 1), "utf-8")
    return repository


def trainings(repository: Path) -> int:
    log = repository / "trained.txt"
    return log.read_text("utf-8").count("trained") if log.exists() else 0


@pytest.mark.slow
def test_training_waits_for_the_gate(stages: Path, run, dvc: str) -> None:
    def repro() -> int:
        return int(run(dvc, "repro", env=QUIET).returncode)

    assert run(dvc, "init", "--no-scm", env=QUIET).returncode == 0
    assert repro() == 0
    assert trainings(stages) == 1
    assert repro() == 0, "nothing changed"
    assert trainings(stages) == 1
    shutil.copy(stages / "data" / "bad.jsonl", stages / "data" / "vendor.jsonl")
    shutil.copy(stages / "audits" / "bad.json", stages / "prepared.json")
    assert repro() != 0, "the new delivery has findings"
    assert trainings(stages) == 1
    (stages / "policy.yaml").write_text("version: 1\nfail_on: critical\n", "utf-8")
    assert repro() == 0, "the policy lets them pass"
    assert trainings(stages) == 2


@pytest.mark.parametrize(("delivery", "code"), [("good", 0), ("bad", 1)])
def test_the_stages_commands_run_one_after_the_other(
    stages: Path, run, delivery: str, code: int
) -> None:
    shutil.copy(stages / "data" / f"{delivery}.jsonl", stages / "data" / "vendor.jsonl")
    shutil.copy(stages / "audits" / f"{delivery}.json", stages / "prepared.json")
    assert run("sh", "-c", STAGES["audit"]["cmd"]).returncode == 0
    assert run("sh", "-c", STAGES["verify"]["cmd"]).returncode == code


def test_each_stage_waits_for_what_the_one_before_it_makes() -> None:
    for before, after in (("audit", "verify"), ("verify", "train")):
        [[made]] = [list(out) for out in STAGES[before]["outs"]]
        assert made in STAGES[before]["cmd"]
        assert made in STAGES[after]["deps"]
