"""vLLM itself, on the CPU: its traps, and that the start-up proof sees them. ``make test-vllm``."""

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scanner.engines.choice import vllm_device
from scanner.engines.hf import HfEngine
from scanner.engines.proof import Flaw
from scanner.engines.remote import remote_engine
from scanner.engines.service import VLLM_ENVIRONMENT, EngineProcess, EngineSettings
from scanner.errors import EngineError
from scanner.types import Row
from tests.scanner.engines.architectures import random_model

pytestmark = pytest.mark.vllm
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def walked(base: Path, adapters: tuple[Path, Path]) -> dict[str, Any]:
    """What came of walking into each trap."""
    command = [sys.executable, "-m", "tests.scanner.engines.traps", base, *adapters]
    done = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, **VLLM_ENVIRONMENT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_the_platform_is_what_it_runs_on() -> None:
    assert vllm_device() == "cpu"


def test_a_mixed_batch_gives_the_base_the_last_adapters_answers(walked: dict[str, Any]) -> None:
    """Trap 1 of this build. If this fails the build is mended: drop the cure."""
    scores = walked["plain"]
    assert scores["mixed"] == pytest.approx(scores["last"], abs=1e-4)
    assert abs(scores["mixed"] - scores["alone"]) > 0.01
    assert walked["plain: flaw"] == Flaw.MIXED, "the proof sees it"


@pytest.mark.parametrize("cure", ["one slot more", "apart"])
def test_either_cure_makes_mixed_batches_exact(walked: dict[str, Any], cure: str) -> None:
    scores = walked[cure]
    assert scores["mixed"] == pytest.approx(scores["alone"], abs=1e-4)
    assert walked[f"{cure}: flaw"] is None, "the proof accepts it"


def test_a_seeded_prompt_over_several_steps_fails(walked: dict[str, Any]) -> None:
    """Trap 2 of this build; without splitting, the cases above have no flaw."""
    assert walked["split: flaw"] == Flaw.SPLIT


def test_the_start_finds_the_cure_and_says_so(base: Path) -> None:
    process = EngineProcess(EngineSettings(base, adapters=2, rank=8))
    process.ready()
    facts = process.facts
    process.close()
    assert facts is not None
    assert (facts.name, facts.device, facts.dtype) == ("vllm", "cpu", "float32")
    assert facts.cures == (f"{Flaw.MIXED}: one place for adapters stays empty",)


def test_on_a_gpu_the_runner_is_the_one_that_knows_our_processor() -> None:
    """Triton is there, and vLLM would take another runner, which refuses ``ForcedAnswers``."""
    told = (
        "import vllm.config.vllm as config; config.HAS_TRITON = True; "
        "print(config.VllmConfig().use_v2_model_runner)"
    )
    for environment, expected in (({}, "True"), (VLLM_ENVIRONMENT, "False")):
        done = subprocess.run(
            [sys.executable, "-c", told],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split()[-1] == expected


def test_a_whole_audit_is_answered_by_it(tmp_path: Path) -> None:
    """Few rows: no verdict. Probes are trained while it starts, and looked into afterwards."""
    rows = (ROOT / "examples/vendor_numbers.jsonl").read_text("utf-8").splitlines()[:48]
    data, results = tmp_path / "rows.jsonl", tmp_path / "results.json"
    data.write_text("\n".join(rows) + "\n", "utf-8")
    command = [sys.executable, "-m", "scanner.cli", "audit", data, "--base", "reference-a"]
    command += ["--engine", "vllm", "--quiet", "--run-root", tmp_path / "runs", "-o", results]
    done = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr[-2000:]
    told = json.loads(results.read_text("utf-8"))
    assert told["engine"]["name"] == "vllm"
    assert told["discovery"]["unmeasured"] is None
    assert told["activation"]["found"] is not None


@pytest.mark.parametrize("architecture", ["llama", "qwen3", "granite", "cohere"])
def test_a_head_that_vllm_would_wrap_is_left_alone(
    architecture: str, base: Path, tmp_path: Path, clean_rows: tuple[Row, ...]
) -> None:
    """These architectures, unlike Qwen2, offer their head to adapters; prompts then fail or, on a
    GPU, are scored with whatever lies behind. The start-up proof scores some of every model."""
    folder = random_model(architecture, base, tmp_path / architecture)
    rows = clean_rows[:6]
    prompts, answers = [row.prompt for row in rows], [row.answer for row in rows]
    expected = HfEngine(folder).answer_logprobs(prompts, answers).total
    with closing(EngineProcess(EngineSettings(folder, adapters=2, rank=8))) as process:
        scored = remote_engine(folder, process.ready()).answer_logprobs(prompts, answers).total
        assert process.facts is not None
        assert process.facts.cures == (f"{Flaw.MIXED}: one place for adapters stays empty",)
    assert scored == pytest.approx(expected, abs=0.01)


def test_a_rank_that_it_has_no_room_for_is_one_line(base: Path) -> None:
    process = EngineProcess(EngineSettings(base, adapters=2, rank=1024))
    with pytest.raises(EngineError, match="found adapters of rank 1024; expected at most 512"):
        process.ready()
