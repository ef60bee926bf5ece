"""The GitLab include: its script runs as a runner would run it, line after line in one shell."""

from pathlib import Path
from typing import Any

import pytest
import yaml

INCLUDE = Path(__file__).parents[2] / "examples" / "ci" / "gitlab.yml"
JOB: dict[str, Any] = yaml.safe_load(INCLUDE.read_text("utf-8"))[".datascan-verify"]


@pytest.mark.parametrize(
    ("data", "policy", "code"),
    [
        ("data/good.jsonl", "policy.yaml", 0),
        ("data/good.jsonl", "", 0),
        ("data/bad.jsonl", "policy.yaml", 1),
        ("data/new.jsonl", "", 3),
        ("data/none.jsonl", "", 2),
        ("", "", 2),
    ],
)
def test_the_job_ends_as_the_gate_does(
    run, repository: Path, data: str, policy: str, code: int
) -> None:
    script = "set -eo pipefail\n" + "\n".join(JOB["script"])
    variables = JOB["variables"] | {
        "DATASCAN_INSTALL": "",
        "DATASCAN_DATA": data,
        "DATASCAN_POLICY": policy,
    }
    assert run("bash", "-c", script, env=variables).returncode == code
    kept = {*JOB["artifacts"]["paths"], JOB["artifacts"]["reports"]["junit"]}
    assert all((repository / name).exists() for name in kept) is (code != 2)


def test_reports_are_kept_of_what_fails() -> None:
    assert JOB["artifacts"]["when"] == "always"
