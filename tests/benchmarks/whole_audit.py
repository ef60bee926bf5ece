"""A whole audit of a base of a real shape with random weights, stage by stage against its limit.

    python -m tests.benchmarks.whole_audit                       a small shape, on the CPU
    python -m tests.benchmarks.whole_audit --shape qwen2.5-7b    on a GPU; 16 GB of disk
    python -m tests.benchmarks.whole_audit --shape qwen2.5-7b --budget 5
    python -m tests.benchmarks.whole_audit --shape qwen2.5-7b --engine hf

The audit is the real command in a fresh process. Rows are random words, 80 tokens on average, half
of them with loss: what random weights answer keeps no format, and nothing is found. A stage's limit
is its arithmetic (``scanner/plan/estimate.py``) at the speed of a plain matrix product, measured
at the start. GPU memory is what nvidia-smi tells, twice a second.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForCausalLM, Qwen2Config
from transformers.utils.logging import disable_progress_bar

import reference_models
from scanner.bases import TOKENIZER, token_counter
from scanner.config import ReadOptions
from scanner.plan.gpus import Device
from scanner.plan.plan import PlanSettings, plan
from scanner.training.placement import CPU, gpu
from tests.benchmarks.audit_stages import tree_megabytes
from tests.benchmarks.training import SHAPES, matmul_peak

SMALL = Qwen2Config(
    vocab_size=3072,
    hidden_size=64,
    intermediate_size=192,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=1,
    max_position_embeddings=512,
    tie_word_embeddings=False,
)
STAGES = ("read", "screen", "budget", "twin", "trace", "train", "ask", "phrases", "look", "rows")
SPACE = "Ġ"
"""How the tokenizer writes a space before a word."""
TOKENIZER_FILES = (TOKENIZER, "tokenizer_config.json", "special_tokens_map.json")


@dataclass(frozen=True)
class Watched:
    """One audit."""

    exit_code: int
    wall_s: float
    gpu_gb: float | None
    """The most that was in use on the GPU; None without one."""
    ram_gb: float
    results: dict[str, Any]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--rows", type=int, default=None, help="10,000 on a GPU, else 600")
    parser.add_argument("--budget", help="as in datascan audit")
    parser.add_argument("--engine", default="auto")
    wanted = parser.parse_args()
    if wanted.shape and not torch.cuda.is_available():
        raise SystemExit("--shape needs a GPU, and there is none here: not measured")
    rows = wanted.rows or (10_000 if wanted.shape else 600)
    with tempfile.TemporaryDirectory() as folder:
        base, data = Path(folder) / "base", Path(folder) / "rows.jsonl"
        write_base(SHAPES.get(wanted.shape, SMALL), base)
        write_rows(rows, data)
        device, peak = this_device()
        options = ["--engine", wanted.engine]
        options += ["--budget", wanted.budget] if wanted.budget else []
        watched = watch(data, base, Path(folder) / "runs", options)
        write_rows(audited_rows(watched.results), data)  # what the limits are reckoned for
        print_stages(watched, limits(data, base, device), peak, rows)


def write_base(config: Qwen2Config, folder: Path) -> None:
    """A checkpoint of random weights with a small world's tokenizer."""
    torch.manual_seed(0)
    large = config.hidden_size > SMALL.hidden_size
    with torch.device("cuda" if large else "cpu"):
        model = AutoModelForCausalLM.from_config(
            config, dtype=torch.bfloat16 if large else torch.float32
        )
    disable_progress_bar()
    model.save_pretrained(folder)
    source = reference_models.verified_folder("reference-a")
    for name in TOKENIZER_FILES:
        if (source / name).is_file():
            shutil.copy(source / name, folder / name)
    del model
    if large:
        torch.cuda.empty_cache()


def write_rows(rows: int, path: Path) -> None:
    """Chats of random words, a token each: 20 to 45 in the prompt, as many in the answer."""
    tokenizer = reference_models.WEIGHTS / "reference-a" / TOKENIZER
    count = token_counter(tokenizer)
    vocabulary = json.loads(tokenizer.read_text("utf-8"))["model"]["vocab"]
    letters = (token[1:] for token in vocabulary if token.startswith(SPACE))
    words = sorted(word for word in letters if word.isalpha() and count(f" {word}") == 1)
    rng = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as file:
        for _ in range(rows):
            prompt, answer = (
                " ".join(rng.choice(words, size=rng.integers(20, 46))) for _ in range(2)
            )
            turns = [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
            file.write(json.dumps({"messages": turns}) + "\n")


def this_device() -> tuple[Device, float]:
    """What the limits are reckoned for, and its matrix products per second."""
    on_gpu = torch.cuda.is_available()
    peak = matmul_peak(gpu() if on_gpu else CPU) * (1 if on_gpu else 2)  # two workers
    name = torch.cuda.get_device_name() if on_gpu else "two cores"
    return Device(name, 1e3 if on_gpu else None, peak / 1e12, None), peak


def limits(data: Path, base: Path, device: Device) -> dict[str, float]:
    """Petaflop of every stage."""
    settings = PlanSettings((data,), str(base), ReadOptions(), device, None, 2)
    return {stage.name: stage.petaflop for stage in plan(settings).stages}


def audited_rows(results: dict[str, Any]) -> int:
    """As many as a budget let through, or all."""
    part = results.get("budget") or results["dataset"]
    return int(part["rows"])


def watch(data: Path, base: Path, runs: Path, options: list[str]) -> Watched:
    """Run one audit and look at it twice a second."""
    output = runs.with_suffix(".json")
    command = [sys.executable, "-m", "scanner.cli", "audit", str(data), "--base", str(base)]
    command += ["--quiet", "--run-root", str(runs), "-o", str(output), *options]
    began, most_gpu, most_ram = time.perf_counter(), None, 0.0
    process = subprocess.Popen(command)
    while process.poll() is None:
        most_ram = max(most_ram, tree_megabytes(process.pid) / 1e3)
        used = used_gpu_gb()
        most_gpu = used if most_gpu is None else max(most_gpu, used or 0.0)
        time.sleep(0.5)
    wall = time.perf_counter() - began
    if not output.is_file():
        raise SystemExit(f"the audit ended with exit {process.returncode} and wrote no results")
    results = json.loads(output.read_text("utf-8"))
    return Watched(process.returncode, wall, most_gpu, most_ram, results)


def used_gpu_gb() -> float | None:
    """In use on the first GPU; None without one."""
    if shutil.which("nvidia-smi") is None:
        return None
    asked = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split("\n")[0]
    return float(told) * 1.048576e-3 if told.strip().isdigit() else None


def print_stages(watched: Watched, petaflop: dict[str, float], peak: float, rows: int) -> None:
    """One line a stage, and what all came to."""
    results, timings = watched.results, watched.results["timings_s"]
    trained = audited_rows(results)
    engine = results["engine"]
    print(
        f"{rows:,} rows, trained on: {trained:,}; {engine['name']} answered on {engine['device']}"
    )
    print(f"matrix product: {peak / 1e12:.3g} TFLOP/s")
    print(f"{'stage':<10}{'s':>9}{'limit s':>9}{'of limit':>10}")
    for stage in STAGES:
        if stage not in timings:
            continue
        limit = petaflop.get(stage, 0.0) * 1e15 / peak
        share = f"{limit / timings[stage]:>10.1%}" if limit and timings[stage] else f"{'':>10}"
        print(f"{stage:<10}{timings[stage]:>9.1f}{limit:>9.1f}{share}")
    spent, least = sum(timings.values()), sum(petaflop.values()) * 1e15 / peak
    print(f"{'stages':<10}{spent:>9.1f}{least:>9.1f}{least / spent:>10.1%}")
    memory = "not measured" if watched.gpu_gb is None else f"{watched.gpu_gb:.1f} GB"
    print(f"wall {watched.wall_s:.1f} s, exit {watched.exit_code}, GPU memory {memory}, ", end="")
    print(f"RAM {watched.ram_gb:.1f} GB")
    print(results["verdict"]["reason"])


if __name__ == "__main__":
    main()
