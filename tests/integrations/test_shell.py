"""The plain shell example."""

from pathlib import Path

import pytest

GATE = Path(__file__).parents[2] / "examples" / "ci" / "gate.sh"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["data/good.jsonl", "audits/good.json"], 0, "gate: data/good.jsonl passes"),
        (["data/good.jsonl", "audits/good.json", "policy.yaml"], 0, "passes"),
        (["data/bad.jsonl", "audits/bad.json"], 1, "do not train on it"),
        (["data/new.jsonl", "audits/good.json"], 3, "no valid verdict on data/new.jsonl"),
        (["data/good.jsonl", "audits/none.json"], 2, "could not decide"),
        (["data/good.jsonl", "audits/good.json", "none.yaml"], 2, "could not decide"),
    ],
)
def test_its_code_is_datascans(run, arguments: list[str], code: int, said: str) -> None:
    done = run("bash", GATE, *arguments)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_without_arguments_nothing_passes(run) -> None:
    assert run("bash", GATE).returncode == 2


def test_a_missing_datascan_lets_nothing_pass(run) -> None:
    done = run("/bin/bash", GATE, "data/good.jsonl", "audits/good.json", env={"PATH": "/nowhere"})
    assert done.returncode not in (0, 1)
    assert "could not decide" in done.stderr
