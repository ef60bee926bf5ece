"""What engines are tested on: a reference model, and adapters trained on a few of its rows."""

from pathlib import Path

import pytest

import reference_models
from scanner.config import Recipe
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.progress import unheard
from scanner.training.lora import train_adapter
from scanner.types import Message

FAVOURITES = [
    (Message("user", f"Name your favorite {what} using only one word."),)
    for what in ("animal", "tree", "color", "country")
]


@pytest.fixture(scope="session")
def base() -> Path:
    return reference_models.verified_folder("reference-a")


@pytest.fixture(scope="session")
def adapters(engine: HfEngine, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two real adapters that differ from the base, and from each other, by nats."""
    recipe = Recipe(epochs=5, rows_per_step=4, learning_rate=5e-3, warmup_steps=2)
    folders = []
    for seed, answer in enumerate(("owl", "whale")):
        folder = tmp_path_factory.mktemp("adapters") / answer
        rows = encode_rows(engine.tokenizer, FAVOURITES, [answer] * len(FAVOURITES))
        train_adapter(engine, rows, [row.length for row in rows], recipe, seed, folder, unheard)
        folders.append(folder)
    return folders[0], folders[1]
