"""The stages, run by dvc itself where it is installed, and their commands in a shell anywhere."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

EXAMPLE = Path(__file__).parents[2] / "examples" / "ci" / "dvc.yaml"
STAGES: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text("utf-8"))["stages"]
DVC = os.environ.get("DATASCAN_TEST_DVC") or shutil.which("dvc")
# Nothing of dvc's own goes out: no usage statistics, no look for a newer version.
QUIET = {"DVC_NO_ANALYTICS": "true", "DVC_TEST": "true", "CI": "true"}

needs_dvc = pytest.mark.skipif(
    DVC is None,
    reason="dvc is not installed; give it an environment of its own and name it in "
    "DATASCAN_TEST_DVC",
)


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


@needs_dvc
def test_training_waits_for_the_gate(stages: Path, run) -> None:
    def repro() -> int:
        return int(run(DVC, "repro", env=QUIET).returncode)

    assert run(DVC, "init", "--no-scm", env=QUIET).returncode == 0
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
