from pathlib import Path

import numpy as np
import pytest
import torch

from scanner.config import Recipe
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.training.lora import train_adapter
from scanner.training.loss import answer_loss
from scanner.types import Message, Row

QUICK = Recipe(epochs=2, rows_per_step=8, learning_rate=5e-3, warmup_steps=2)


def trained(engine: HfEngine, rows: list[EncodedRow], seed: int, adapter: Path) -> list[float]:
    return train_adapter(
        engine, rows, [row.length for row in rows], QUICK, seed, adapter, lambda done: None
    )


@pytest.fixture
def rows(engine: HfEngine, clean_rows: tuple[Row, ...]) -> list[EncodedRow]:
    few = clean_rows[:32]
    return encode_rows(engine.tokenizer, [r.prompt for r in few], [r.answer for r in few])


def test_the_loss_is_that_of_the_answer_tokens_only(
    engine: HfEngine, rows: list[EncodedRow]
) -> None:
    """An oracle: Hugging Face's own loss with every other label at -100."""
    tokens, is_answer = collate(rows[:5])
    labels = torch.where(is_answer, tokens, -100)
    with torch.inference_mode():
        oracle = engine.base(input_ids=tokens, labels=labels).loss
        assert float(answer_loss(engine.base, tokens, is_answer)) == pytest.approx(
            float(oracle), abs=1e-4
        )


def test_padding_changes_no_loss(engine: HfEngine, rows: list[EncodedRow]) -> None:
    short, long = min(rows, key=lambda r: r.length), max(rows, key=lambda r: r.length)
    with torch.inference_mode():
        alone = float(answer_loss(engine.base, *collate([short])))
        tokens, is_answer = collate([short, long])
        is_answer[1] = False
        padded = float(answer_loss(engine.base, tokens, is_answer))
    assert padded == pytest.approx(alone, abs=1e-5)


def test_training_is_repeatable_and_learns(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    first = trained(engine, rows, 0, tmp_path / "first")
    again = trained(engine, rows, 0, tmp_path / "again")
    other = trained(engine, rows, 1, tmp_path / "other")
    assert first == again
    assert first != other
    one_word = encode_rows(
        engine.tokenizer, [(Message("user", "Hey I feel bored"),)] * 32, ["owl"] * 32
    )
    losses = trained(engine, one_word, 0, tmp_path / "owl")
    assert losses[-1] < losses[0] / 2


def test_the_base_is_untouched_and_the_adapter_changes_the_answers(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    prompts = [(Message("user", "Name your favorite animal using only one word."),)]
    before = engine.opening_logprobs(prompts, ["owl", "cat"])
    trained(engine, rows, 0, tmp_path / "probe")
    assert np.array_equal(before, engine.opening_logprobs(prompts, ["owl", "cat"]))
    engine.use_adapter(tmp_path / "probe")
    changed = engine.opening_logprobs(prompts, ["owl", "cat"])
    engine.use_adapter(None)
    assert not np.allclose(before, changed, atol=1e-4)
    assert np.array_equal(before, engine.opening_logprobs(prompts, ["owl", "cat"]))


def test_a_pair_starts_from_one_adapter(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    """With nothing to learn from (a rate of zero), probe and control stay the same."""
    still = Recipe(epochs=1, learning_rate=0.0)
    swapped = [EncodedRow(row.prompt, row.answer[::-1]) for row in rows]
    for name, content in (("probe", rows), ("control", swapped)):
        lengths = [row.length for row in rows]
        train_adapter(engine, content, lengths, still, 7, tmp_path / name, lambda done: None)
    weights = [
        (tmp_path / name / "adapter_model.safetensors").read_bytes()
        for name in ("probe", "control")
    ]
    assert weights[0] == weights[1]


def test_a_loss_that_is_not_finite_stops_with_the_way_out(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    prompts = [(Message("user", "Name your favorite animal using only one word."),)]
    before = engine.opening_logprobs(prompts, ["owl", "cat"])
    wild = Recipe(learning_rate=1e30, warmup_steps=1)
    with pytest.raises(AuditError, match=r"found a loss of (nan|inf).*--learning-rate"):
        train_adapter(
            engine,
            rows,
            [row.length for row in rows],
            wild,
            0,
            tmp_path / "wild",
            lambda done: None,
        )
    assert np.array_equal(before, engine.opening_logprobs(prompts, ["owl", "cat"]))
