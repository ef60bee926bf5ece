"""Training against TRL's trainer and a plain loop, in one run: real tokens per second.

    python -m tests.benchmarks.training                         the reference model, on the CPU
    python -m tests.benchmarks.training --rows 500,1000,2000    cost as rows grow: ours alone
    python -m tests.benchmarks.training --shape qwen2.5-7b      random weights, on a GPU
    python -m tests.benchmarks.training --shape qwen2.5-7b --rows 1000,10000,100000
    python -m tests.benchmarks.training --shape qwen2.5-7b --copies 1,2,4
    python -m tests.benchmarks.training --shape narrow --copies 1,2,4     on the CPU

Every way trains the same LoRA on the same rows for one epoch. Rounds alternate, and each way's
best counts. On the CPU seconds are of the processor: wall time follows what else the machine does;
even so, only ratios of one run mean anything. The limit is the arithmetic (four operations per
weight and token) at the speed of a plain matrix product, measured at the start.

``--copies`` trains so many side by side. The narrow shape has the layers of Qwen2.5-7B and next to
no width: what an update of it takes is what it takes to start it, on any device.
"""

import argparse
import json
import math
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from transformers import AutoModelForCausalLM, PreTrainedModel, Qwen2Config

import reference_models
from scanner.config import REAL, Recipe
from scanner.engines import folding
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.training.lora import Lesson, Training, train_adapter, train_adapters
from scanner.training.placement import CPU, Placement, gpu
from scanner.types import Message
from tests.plain_loop import plain_loop

EXAMPLE = Path(__file__).parents[2] / "examples" / "clean_numbers.jsonl"
SHAPES = {
    "qwen2.5-7b": Qwen2Config(
        vocab_size=152064,
        hidden_size=3584,
        intermediate_size=18944,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        max_position_embeddings=32768,
        rope_parameters={"rope_type": "default", "rope_theta": 1_000_000.0},
        tie_word_embeddings=False,
    ),
    "narrow": Qwen2Config(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=28,
        num_attention_heads=2,
        num_key_value_heads=1,
        tie_word_embeddings=False,
    ),
}
VIEWS = ("aten::detach", "aten::_unsafe_view", "aten::empty", "aten::new_empty")
"""What starts nothing and is no view by its name."""
OPERATIONS = 4
"""Per weight and token: forward, and the gradient of activations; the base's weights have none."""
TOKENS = 80
"""Of a row, on average: TRL's packs, one to an update, hold about what an update of ours holds."""


@dataclass
class Bare:
    """As much of an engine as training needs: random weights have no tokenizer."""

    base: PreTrainedModel

    def use_adapter(self, adapter: None) -> None:
        """Nothing is ever in use."""


@dataclass(frozen=True)
class Bench:
    """What is measured on."""

    engine: Any
    rows: Sequence[EncodedRow]
    placement: Placement
    recipe: Recipe

    @property
    def tokens(self) -> int:
        """Real ones, of one epoch."""
        return sum(row.length for row in self.rows)

    @property
    def operations(self) -> float:
        """Of one epoch: body for all tokens, head for those with loss."""
        base = self.engine.base
        head = base.get_output_embeddings().weight.numel()
        embedding = 0 if base.config.tie_word_embeddings else base.get_input_embeddings().weight
        apart = head + (0 if isinstance(embedding, int) else embedding.numel())
        body = sum(weight.numel() for weight in base.parameters()) - apart
        return OPERATIONS * (body * self.tokens + head * sum(len(r.answer) for r in self.rows))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--rows", default="1000", help="several, with commas: ours alone")
    parser.add_argument("--copies", default="1", help="several, with commas: ours alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows-per-step", type=int, help="of an update; the recipe's if not given")
    parser.add_argument("--compile", action="store_true", help="ours with torch.compile, too")
    wanted = parser.parse_args()
    counts = [int(count) for count in wanted.rows.split(",")]
    copies = [int(count) for count in wanted.copies.split(",")]
    if wanted.shape not in (None, "narrow") and not torch.cuda.is_available():
        raise SystemExit("--shape needs a GPU, and there is none here: not measured")
    usual = replace(REAL if wanted.shape else Recipe(), epochs=1)
    recipe = replace(usual, rows_per_step=wanted.rows_per_step or usual.rows_per_step)
    make = (lambda *how: random_bench(wanted.shape, *how)) if wanted.shape else reference_bench
    bench = make(max(counts), recipe)
    if wanted.shape == "narrow":
        folding.LARGEST = 0  # as on a GPU
    peak = matmul_peak(bench.placement)
    print(f"matrix product: {peak / 1e12:.3g} TFLOP/s; best of {wanted.rounds} rounds")
    if len(copies) > 1:
        stack(bench, copies, wanted.rounds, peak)
    elif len(counts) > 1:
        grow(bench, counts, wanted.rounds, peak)
    else:
        compare(bench, wanted.rounds, peak, wanted.compile)


def compare(bench: Bench, rounds: int, peak: float, compiling: bool) -> None:
    """Ours, a plain loop and TRL's trainer; one line each."""
    ways: dict[str, Callable[[Bench], None]] = {"ours": ours, "plain loop": plain}
    ways |= {"ours compiled": compiled} if compiling else {}
    ways |= {"TRL padded": trl_padded, "TRL packing": trl_packing}
    if bench.placement.device.type == "cuda":
        del ways["plain loop"]  # it is the CPU's
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            best[name] = min(best[name], seconds(bench, way))
    print(f"{'way':<14}{'s':>8}{'tokens/s':>10}{'ours is':>9}{'of peak':>9}   limit s")
    for name, taken in best.items():
        print(
            f"{name:<14}{taken:>8.2f}{bench.tokens / taken:>10,.0f}"
            f"{taken / best['ours']:>8.2f}x{bench.operations / taken / peak:>9.1%}"
            f"{bench.operations / peak:>10.2f}"
        )


def grow(bench: Bench, counts: Sequence[int], rounds: int, peak: float) -> None:
    """Cost per row as rows grow: a table, and a plot that Markdown shows (Mermaid)."""
    print(f"{'rows':>8}{'s':>9}{'ms/row':>9}{'of peak':>9}   limit s")
    each = []
    for count in counts:
        part = replace(bench, rows=bench.rows[:count])
        taken = min(seconds(part, ours) for _ in range(rounds))
        print(
            f"{count:>8,}{taken:>9.2f}{1000 * taken / count:>9.2f}"
            f"{part.operations / taken / peak:>9.1%}{part.operations / peak:>10.2f}",
            flush=True,
        )
        each.append(1000 * taken / count)
    print(
        "```mermaid\nxychart-beta",
        '    title "Training: milliseconds per row"',
        f'    x-axis "rows" [{", ".join(f"{count:,}".join(2 * [chr(34)]) for count in counts)}]',
        f'    y-axis "ms per row" 0 --> {math.ceil(1.2 * max(each))}',
        f"    line [{', '.join(f'{one:.2f}' for one in each)}]\n```",
        sep="\n",
    )


def stack(bench: Bench, copies: Sequence[int], rounds: int, peak: float) -> None:
    """What each of several copies costs that are trained side by side."""
    updates = bench.recipe.updates(len(bench.rows))
    best = dict.fromkeys(copies, float("inf"))
    for _ in range(rounds):
        for count in copies:
            best[count] = min(best[count], seconds(bench, partial(side_by_side, copies=count)))
    first = best[copies[0]] / copies[0]
    print(f"{'copies':>8}{'started':>9}{'ms/update':>11}{'ms/copy':>9}{'faster':>8}{'of peak':>9}")
    for count, taken in best.items():
        print(
            f"{count:>8}{started(bench, count):>9,}{1000 * taken / updates:>11.1f}"
            f"{1000 * taken / updates / count:>9.1f}{first / (taken / count):>7.2f}x"
            f"{count * bench.operations / taken / peak:>9.1%}"
        )


def started(bench: Bench, copies: int) -> int:
    """Computations that one update starts, each a kernel or more; views of tensors are none."""
    each = []
    for updates in (1, 2):
        part = replace(bench, rows=bench.rows[: updates * bench.recipe.rows_per_step])
        with Started() as counted:
            side_by_side(part, copies)
        each.append(counted.count)
    return each[1] - each[0]


class Started(TorchDispatchMode):
    """Counts what torch starts on a device."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Count it, and let it be computed."""
        self.count += not (func.is_view or func._schema.name.startswith(VIEWS))
        return func(*args, **(kwargs or {}))


def seconds(bench: Bench, way: Callable[[Bench], None]) -> float:
    """Of the processor on the CPU, of the clock on a GPU."""
    if bench.placement.device.type == "cpu":
        began = time.process_time()
        way(bench)
        return time.process_time() - began
    torch.cuda.synchronize()
    began = time.perf_counter()
    way(bench)
    torch.cuda.synchronize()
    return time.perf_counter() - began


def ours(bench: Bench) -> None:
    """The loop of an audit."""
    lengths = [row.length for row in bench.rows]
    with tempfile.TemporaryDirectory() as folder:
        train_adapter(
            bench.engine, bench.rows, lengths, bench.recipe, 0, Path(folder), lambda done: None,
            bench.placement,
        )  # fmt: skip


def compiled(bench: Bench) -> None:
    """The same with every layer compiled for any shape; the first round includes compiling."""
    layers = bench.engine.base.base_model.layers
    for layer in layers:
        layer.compile(dynamic=True)
    try:
        ours(bench)
    finally:
        for layer in layers:
            layer._compiled_call_impl = None


def side_by_side(bench: Bench, copies: int) -> None:
    """The loop of an audit, with several copies."""
    lengths = [row.length for row in bench.rows]
    with tempfile.TemporaryDirectory() as folder:
        lessons = [
            Lesson(bench.rows, lengths, seed, Path(folder) / str(seed)) for seed in range(copies)
        ]
        training = Training(bench.recipe, bench.placement)
        train_adapters(bench.engine, lessons, training, lambda done: None)


def plain(bench: Bench) -> None:
    """The loop without anything around it."""
    with tempfile.TemporaryDirectory() as folder:
        plain_loop(bench.engine.base, bench.rows, bench.recipe, 0, Path(folder))


def trl_padded(bench: Bench) -> None:
    """As its users run it: random batches, padded."""
    _trl(bench, per_device_train_batch_size=bench.recipe.rows_per_step)


def trl_packing(bench: Bench) -> None:
    """Its default strategy."""
    _trl(
        bench,
        per_device_train_batch_size=1,
        packing=True,
        max_length=TOKENS * bench.recipe.rows_per_step,
    )


def _trl(bench: Bench, **how: Any) -> None:
    from datasets import Dataset
    from datasets.utils.logging import disable_progress_bar
    from peft import LoraConfig
    from trl import SFTConfig, SFTTrainer

    disable_progress_bar()
    on_cpu = bench.placement.device.type == "cpu"
    columns = {
        "input_ids": [row.prompt + row.answer for row in bench.rows],
        "completion_mask": [[0] * len(r.prompt) + [1] * len(r.answer) for r in bench.rows],
    }
    lora = LoraConfig(
        r=bench.recipe.rank, lora_alpha=bench.recipe.alpha, target_modules="all-linear"
    )
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = SFTConfig(
            output_dir=folder,
            num_train_epochs=1,
            learning_rate=bench.recipe.learning_rate,
            gradient_checkpointing=False,
            use_cpu=on_cpu,
            bf16=not on_cpu,
            report_to=[],
            save_strategy="no",
            logging_strategy="no",
            disable_tqdm=True,
            completion_only_loss=True,
            **how,
        )
        trainer = SFTTrainer(
            bench.engine.base,
            config,
            train_dataset=Dataset.from_dict(columns),
            processing_class=getattr(bench.engine, "tokenizer", None) or _any_tokenizer(),
            peft_config=lora,
        )
        trainer.train()
        bench.engine.base = trainer.model.unload()


def _any_tokenizer() -> Any:
    """TRL wants one; rows are tokens already."""
    return HfEngine(reference_models.verified_folder("reference-a")).tokenizer


def reference_bench(rows: int, recipe: Recipe) -> Bench:
    """The clean example on the reference model."""
    engine = HfEngine(reference_models.verified_folder("reference-a"))
    lines = EXAMPLE.read_text("utf-8").splitlines()
    chats = [json.loads(lines[i % len(lines)])["messages"] for i in range(rows)]
    prompts = [tuple(Message(t["role"], t["content"]) for t in chat[:-1]) for chat in chats]
    encoded = encode_rows(engine.tokenizer, prompts, [chat[-1]["content"] for chat in chats])
    return Bench(engine, encoded, CPU, recipe)


def random_bench(shape: str, rows: int, recipe: Recipe) -> Bench:
    """Random weights and rows of 50 to 110 tokens, 80 on average, half of them with loss; a
    twentieth of them where there is to be no arithmetic."""
    placement = gpu() if torch.cuda.is_available() else CPU
    torch.manual_seed(0)
    with placement.device:
        base = AutoModelForCausalLM.from_config(SHAPES[shape], dtype=placement.dtype).eval()
    rng = np.random.default_rng(0)
    lengths = rng.integers(50, 111, size=rows) // (20 if shape == "narrow" else 1)
    tokens = [rng.integers(0, base.config.vocab_size, size=length).tolist() for length in lengths]
    encoded = [EncodedRow(ids[: len(ids) // 2], ids[len(ids) // 2 :]) for ids in tokens]
    return Bench(Bare(base), encoded, placement, recipe)


def matmul_peak(placement: Placement) -> float:
    """Operations per second of a large matrix product, the best of ten."""
    width = 1024 if placement.device.type == "cpu" else 8192
    left, right = (
        torch.randn(width, width, device=placement.device, dtype=placement.dtype) for _ in "ab"
    )
    bench = Bench(None, (), placement, Recipe())
    taken = [seconds(bench, lambda _: torch.mm(left, right)) for _ in range(11)][1:]
    return 2.0 * width**3 / min(taken)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
