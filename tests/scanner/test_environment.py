"""Every process of ours is told to stay offline before it imports what might not."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.executors.local import LocalExecutor
from scanner.progress import OnRows

ROOT = Path(__file__).parents[2]
WANTED = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
OTHERWISE = {name: "1" if value == "0" else "0" for name, value in WANTED.items()}


def test_the_command_sets_them_whatever_the_shell_says_before_anything_heavy_is_loaded() -> None:
    code = f"""
import os, sys
import scanner.cli.main
assert not {{"transformers", "huggingface_hub", "peft", "torch"}} & set(sys.modules)
sys.argv = ["datascan", "--version"]
try:
    scanner.cli.main.main()
finally:
    assert {{name: os.environ[name] for name in {list(WANTED)}}} == {WANTED}
"""
    environment = {**os.environ, **OTHERWISE}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


@dataclass(frozen=True)
class Look:
    """Says what a worker's libraries understood."""

    rows: int = 1

    def run(self, on_rows: OnRows) -> tuple[dict[str, str], bool, bool]:
        from huggingface_hub import constants

        told = {name: os.environ[name] for name in WANTED}
        return told, constants.HF_HUB_OFFLINE, constants.HF_HUB_DISABLE_TELEMETRY


def test_workers_are_offline_even_where_no_command_began_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in OTHERWISE.items():
        monkeypatch.setenv(name, value)
    with LocalExecutor(workers=1) as executor:
        assert executor.run([Look()], lambda rows: None) == [(WANTED, True, True)]
