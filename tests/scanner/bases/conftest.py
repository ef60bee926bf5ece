"""A Hugging Face cache and checkpoints in it, written by the tests."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants
from safetensors.numpy import save_file

COMMIT = "a" * 40
OTHER_COMMIT = "b" * 40
CONFIG = {"architectures": ["Qwen2ForCausalLM"], "vocab_size": 4, "model_type": "qwen2"}
VOCABULARY = {"owl": 0, "7": 1, "81": 2}
TENSORS = {"model.embed": np.zeros((4, 2), np.float32), "lm_head": np.ones((4, 2), np.float32)}


def write_checkpoint(folder: Path, shards: bool = False) -> Path:
    """A checkpoint that every check lets pass: config, tokenizer and weights, one file or two."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    special = {"content": "<end>", "id": 3, "special": True}
    tokenizer = {"model": {"type": "BPE", "vocab": VOCABULARY}, "added_tokens": [special]}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    if not shards:
        save_file(TENSORS, folder / "model.safetensors")
        return folder
    weight_map = {}
    for number, (name, tensor) in enumerate(TENSORS.items(), 1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: tensor}, folder / file)
        weight_map[name] = file
    index = {"metadata": {}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    folder = tmp_path / "hub"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


@pytest.fixture
def cached(cache: Path) -> Callable[..., Path]:
    """Puts a commit of a repository into the cache."""

    def put(repository: str, commit: str = COMMIT, main: bool = True, shards: bool = False) -> Path:
        folder = cache / f"models--{repository.replace('/', '--')}"
        if main:
            (folder / "refs").mkdir(parents=True, exist_ok=True)
            (folder / "refs" / "main").write_text(commit)
        return write_checkpoint(folder / "snapshots" / commit, shards)

    return put
