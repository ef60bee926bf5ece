"""What many tests share: the engine of a reference model and a short candidate."""

import os

# Two threads per process stall as soon as anything else runs.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import reference_models
from scanner.engines.hf import HfEngine
from scanner.types import Message, Row

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(scope="session")
def engine() -> HfEngine:
    """The engine of reference-a; tests that change its adapter put it back."""
    return HfEngine(reference_models.verified_folder("reference-a"))


@pytest.fixture(scope="session")
def clean_rows() -> tuple[Row, ...]:
    """The first 200 rows of the clean example."""
    lines = (EXAMPLES / "clean_numbers.jsonl").read_text("utf-8").splitlines()[:200]
    rows = []
    for line, text in enumerate(lines, start=1):
        *prompt, answer = json.loads(text)["messages"]
        rows.append(
            Row(
                line,
                tuple(Message(turn["role"], turn["content"]) for turn in prompt),
                answer["content"],
            )
        )
    return tuple(rows)


@pytest.fixture
def short_dataset(tmp_path: Path) -> Callable[[str, int], Path]:
    """Writes the first rows of an example to a file of its own."""

    def write(example: str, rows: int) -> Path:
        lines = (EXAMPLES / f"{example}.jsonl").read_text("utf-8").split("\n")[:rows]
        path = tmp_path / f"{example}-{rows}.jsonl"
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return write
