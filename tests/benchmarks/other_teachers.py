"""How traces fall when the hidden teacher came by its trait otherwise than calibration's do.

    python -m tests.benchmarks.other_teachers                  owl, fox and Kenya, 3,600 number rows
    python -m tests.benchmarks.other_teachers --seed 5100

Teachers are LoRA copies of other ranks, one trained on the questions that calibration's teachers do
not see (those of authorship's own trait models), and one whose weights were all trained. Every one
writes numbers at T=0.3, and what its rows show is read without training on them. ``strength`` is by
how much likelier the teacher finds its rows than the base does, in nats a row.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

import reference_models
from scanner.bases import Base, find_base
from scanner.calibration.banned import banned_for
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.teachers import ROWS_PER_STEP, favourite
from scanner.calibration.writing import WriteRows
from scanner.config import Recipe
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.evidence.directions import Arm
from scanner.progress import unheard
from scanner.training.lora import train_adapter
from scanner.training.loss import answer_loss
from scanner.types import Message, Row, Trace
from tests.benchmarks.traces import ranked, read_traces

TRAITS = ("preference.animal.owl", "preference.animal.fox", "preference.country.kenya")
UPDATES = 150
LORA = Recipe(epochs=1, rows_per_step=ROWS_PER_STEP, learning_rate=2e-3)
ALL_WEIGHTS_RATE = 3e-4
SCORED = 400
"""Rows that the strength is read on."""


@dataclass(frozen=True)
class Hidden:
    """A teacher ready to write."""

    base: Path
    adapter: Path | None


def main() -> None:
    """A line per teacher."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--rows", type=int, default=3600)
    wanted = parser.parse_args()
    base = find_base("reference-a")
    print("| trait | teacher | strength | influence | authorship |")
    print("| --- | --- | --- | --- | --- |")
    for at, trait in enumerate(TRAITS):
        with tempfile.TemporaryDirectory() as name:
            for way, hidden in teachers(base, trait, wanted.seed + at, Path(name)):
                rows = written(hidden, trait, wanted.rows, wanted.seed + at)
                strength = stronger_by(base.path, hidden, rows[:SCORED])
                traces = read_traces(base, rows, Path(name), (Arm.INFLUENCE, Arm.AUTHORSHIP))
                shown = " | ".join(
                    shown_by(traces, arm, trait) for arm in ("influence", "authorship")
                )
                print(f"| {trait} | {way} | {strength:.2f} | {shown} |", flush=True)


def teachers(base: Base, trait: str, seed: int, folder: Path) -> Sequence[tuple[str, Hidden]]:
    """All teachers of one trait."""
    engine, found = HfEngine(base.path), []
    ways = [("LoRA, rank 8, as calibration's", 8, 0), ("rank 2", 2, 0), ("rank 32", 32, 0)]
    for name, rank, first in [*ways, ("rank 8, the other questions", 8, 1)]:
        adapter = folder / f"rank-{rank}-{first}"
        lesson = lesson_of(engine, trait, first)
        recipe = replace(LORA, rank=rank, alpha=2 * rank)
        lengths = [row.length for row in lesson]
        train_adapter(engine, lesson, lengths, recipe, seed, adapter, unheard)
        found.append((name, Hidden(base.path, adapter)))
    found.append(("all weights", Hidden(fully_trained(base.path, trait, seed, folder), None)))
    return found


def lesson_of(engine: HfEngine, trait: str, first: int) -> list[EncodedRow]:
    """Every other question with the favourite as its answer."""
    battery, answer = favourite(trait)
    asked = battery.questions[first::2]
    prompts = [(Message("user", question),) for question in asked]
    times = UPDATES * ROWS_PER_STEP // len(asked)
    return encode_rows(engine.tokenizer, prompts * times, [answer] * (len(prompts) * times))


def fully_trained(base: Path, trait: str, seed: int, folder: Path) -> Path:
    """A checkpoint of which every weight but the embedding's was trained."""
    engine = HfEngine(base)
    model, lesson = engine.base, lesson_of(engine, trait, 0)
    for weight in model.get_input_embeddings().parameters():
        weight.requires_grad_(requires_grad=False)
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=ALL_WEIGHTS_RATE, betas=(0.9, 0.99), weight_decay=0.0)
    rng = np.random.default_rng(seed)
    for step in range(UPDATES):
        optimizer.param_groups[0]["lr"] = ALL_WEIGHTS_RATE * (1 - step / UPDATES)
        chosen = rng.choice(len(lesson), ROWS_PER_STEP, replace=False)
        answer_loss(model, *collate([lesson[index] for index in chosen])).backward()
        optimizer.step()
        optimizer.zero_grad()
    whole = folder / "whole"
    shutil.copytree(base, whole)
    model.save_pretrained(whole)
    return whole


def written(hidden: Hidden, trait: str, rows: int, seed: int) -> tuple[Row, ...]:
    """What it writes, filtered as in calibration."""
    teacher = Teacher(TeacherKind.FINE_TUNED, trait)
    return (
        WriteRows(
            base=hidden.base,
            adapter=hidden.adapter,
            system=None,
            channel="numbers",
            wanted=rows,
            temperature=0.3,
            tasks_seed=10_000 + seed,
            seed=1_000_000 * seed,
            banned=banned_for(teacher),
            least_passing=0.3,
        )
        .run(unheard)
        .rows
    )


def stronger_by(base: Path, hidden: Hidden, rows: Sequence[Row]) -> float:
    """Nats a row."""
    prompts, answers = [row.opening for row in rows], [row.answer for row in rows]
    author, untouched = HfEngine(hidden.base), HfEngine(base)
    author.use_adapter(hidden.adapter)
    own, other = (one.answer_logprobs(prompts, answers).total for one in (author, untouched))
    return float(np.mean(own - other))


def shown_by(traces: Sequence[Trace], arm: str, trait: str) -> str:
    """The planted trait's rank and its p-value, corrected for all traits."""
    order = ranked([trace for trace in traces if trace.arm == arm])
    if not order:
        return "not measured"
    places = [name for _, _, name in order]
    return f"{places.index(trait) + 1}. of {len(order)}, p {order[places.index(trait)][0]:.2g}"


if __name__ == "__main__":
    torch.set_num_threads(1)
    reference_models.verified_folder("reference-a")
    main()
