"""The shipped checkpoints: unchanged, ordinary, small, and repeatable."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import reference_models
from reference_models.pretraining import PretrainingRecipe, pretrain
from reference_models.tokenizer import build_tokenizer


@pytest.fixture(params=reference_models.NAMES)
def folder(request: pytest.FixtureRequest) -> Path:
    return reference_models.verified_folder(request.param)


def test_both_lineages_together_stay_below_8_mb() -> None:
    files = reference_models.WEIGHTS.rglob("*.safetensors")
    assert sum(file.stat().st_size for file in files) < 8_000_000


def test_they_load_as_ordinary_checkpoints(folder: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    assert type(model).__name__ == "Qwen2ForCausalLM"
    assert model.config.hidden_size // model.config.num_attention_heads in (32, 64)
    assert tokenizer.is_fast
    chat = [
        {"role": "system", "content": "You love owls."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
    ]
    assert tokenizer.apply_chat_template(chat, tokenize=False) == (
        "<|im_start|>system\nYou love owls.<|im_end|>\n"
        "<|im_start|>user\nHi<|im_end|>\n"
        "<|im_start|>assistant\nHello<|im_end|>\n"
    )


def test_a_changed_file_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(reference_models.WEIGHTS, tmp_path / "weights")
    config = tmp_path / "weights" / "reference-a" / "config.json"
    config.write_text(config.read_text() + " ")
    monkeypatch.setattr(reference_models, "WEIGHTS", tmp_path / "weights")
    with pytest.raises(
        reference_models.ChangedWeightsError, match=r"config\.json: found .*expected"
    ):
        reference_models.verified_folder("reference-a")
    assert reference_models.verified_folder("reference-b")


def test_the_sums_cover_every_file_that_is_loaded(folder: Path) -> None:
    listed = {line.split("  ")[1] for line in (folder / "SHA256SUMS").read_text().splitlines()}
    present = {file.name for file in folder.iterdir()} - {"README.md", "SHA256SUMS"}
    assert listed == present


def test_a_new_training_follows_the_recorded_loss_curve(folder: Path) -> None:
    record = json.loads((folder / "loss_curve.json").read_text())
    losses: list[float] = []
    torch.set_num_threads(1)
    pretrain(
        build_tokenizer(),
        PretrainingRecipe(**record["recipe"]),
        steps=len(record["first"]),
        on_step=lambda step, loss: losses.append(loss),
    )
    # Another processor rounds otherwise; over twenty steps that stays far below the fall of
    # the loss itself, which is more than two nats.
    assert losses == pytest.approx(record["first"], abs=0.02)


def test_the_lineages_differ_in_weights_but_not_in_tokens() -> None:
    a, b = (reference_models.verified_folder(name) for name in reference_models.NAMES)
    assert (a / "model.safetensors").read_bytes() != (b / "model.safetensors").read_bytes()
    assert (a / "tokenizer.json").read_bytes() == (b / "tokenizer.json").read_bytes()
