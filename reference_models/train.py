"""Trains the reference models from scratch and writes their checkpoints.

    python -m reference_models.train                  both lineages, side by side, one core each
    python -m reference_models.train reference-a      one of them
    python -m reference_models.train --into FOLDER    elsewhere than in the package

Seeded: the same machine gives the same weights.
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import torch

from reference_models import NAMES, SEEDS, SUMS, WEIGHTS, file_sha256
from reference_models.card import write_card
from reference_models.evaluation import evaluate
from reference_models.pretraining import PretrainingRecipe, pretrain
from reference_models.tokenizer import build_tokenizer

LOSS_CURVE = "loss_curve.json"
RECORDED_STEPS = 20
"""First losses kept step by step, for the test that a new training follows them."""


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=list(NAMES), metavar="NAME")
    parser.add_argument("--into", type=Path, default=WEIGHTS)
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"found {', '.join(sorted(unknown))}; expected {' or '.join(NAMES)}")
    with ProcessPoolExecutor(len(arguments.names), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(train_one, name, arguments.into) for name in arguments.names]
        for job in jobs:
            job.result()


def train_one(name: str, into: Path) -> None:
    """Train one lineage and write its checkpoint, card, loss curve and sums."""
    torch.set_num_threads(1)
    tokenizer = build_tokenizer()
    recipe = PretrainingRecipe(seed=SEEDS[name])
    losses: list[float] = []
    began = time.perf_counter()
    model = pretrain(
        tokenizer, recipe, on_step=lambda step, loss: _tell(name, losses, loss, recipe)
    )
    minutes = (time.perf_counter() - began) / 60
    folder = into / name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    curve = {
        "recipe": recipe.as_dict(),
        "first": losses[:RECORDED_STEPS],
        "every_100": losses[::100],
    }
    (folder / LOSS_CURVE).write_text(json.dumps(curve, indent=1) + "\n", "utf-8")
    write_card(folder, name, recipe, minutes, model, tokenizer, evaluate(model, tokenizer))
    write_sums(folder)


def write_sums(folder: Path) -> None:
    """Record the SHA-256 of every file that a checkpoint is loaded from."""
    files = sorted(file.name for file in folder.iterdir() if file.suffix != ".md")
    lines = [f"{file_sha256(folder / file)}  {file}\n" for file in files if file != SUMS]
    (folder / SUMS).write_text("".join(lines), "utf-8")


def _tell(name: str, losses: list[float], loss: float, recipe: PretrainingRecipe) -> None:
    losses.append(loss)
    if len(losses) % 200 == 0:
        recent = sum(losses[-200:]) / 200
        print(f"{name}: step {len(losses)} of {recipe.steps}, loss {recent:.3f}", flush=True)


if __name__ == "__main__":
    main()
