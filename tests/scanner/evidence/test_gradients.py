"""Oracles: finite differences of the base itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.evidence.gradients import (
    Drawable,
    answer_logits,
    gradient_size,
    linear_layers,
    row_pulls,
)
from scanner.types import Row
from tests.scanner.engines.architectures import ARCHITECTURES, random_model

AS_THE_BASE = Drawable(1.0, None)


def encoded(engine: HfEngine, rows: tuple[Row, ...]) -> list[EncodedRow]:
    engine.use_adapter(None)
    return encode_rows(engine.tokenizer, [r.opening for r in rows], [r.answer for r in rows])


def unit_directions(engine: HfEngine, count: int) -> Tensor:
    drawn = torch.randn(
        count, gradient_size(engine.base), generator=torch.Generator().manual_seed(0)
    )
    return drawn / drawn.norm(dim=1, keepdim=True)


@contextmanager
def moved(engine: HfEngine, direction: Tensor, step: float) -> Iterator[None]:
    layers = linear_layers(engine.base)
    before = [layer.weight.detach().clone() for layer in layers]
    parts = torch.split(direction, [weight.numel() for weight in before])
    with torch.no_grad():
        for layer, part in zip(layers, parts, strict=True):
            layer.weight += step * part.view_as(layer.weight)
    yield
    with torch.no_grad():
        for layer, weight in zip(layers, before, strict=True):
            layer.weight.copy_(weight)


def test_a_pull_is_the_slope_of_the_rows_log_likelihood(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    """At the base's own temperature the expectation is zero, and the slope is all there is."""
    rows = clean_rows[:6]
    directions = unit_directions(engine, 2)
    pulls = row_pulls(engine.base, encoded(engine, rows), AS_THE_BASE, directions.numpy())
    prompts, answers = [r.opening for r in rows], [r.answer for r in rows]
    for place, direction in enumerate(directions):
        step = 0.05
        with moved(engine, direction, step):
            above = engine.answer_logprobs(prompts, answers).total
        with moved(engine, direction, -step):
            below = engine.answer_logprobs(prompts, answers).total
        slopes = (above - below) / (2 * step)
        np.testing.assert_allclose(pulls[:, place], slopes, rtol=0.03, atol=0.03)


def test_a_row_pulls_the_same_in_any_company(engine: HfEngine, clean_rows: tuple[Row, ...]) -> None:
    rows = encoded(engine, clean_rows[:9])
    directions = unit_directions(engine, 3)
    together = row_pulls(engine.base, rows, AS_THE_BASE, directions.numpy())
    alone = [row_pulls(engine.base, [row], AS_THE_BASE, directions.numpy())[0] for row in rows]
    np.testing.assert_allclose(together, alone, rtol=1e-3, atol=1e-4)
    backwards = row_pulls(engine.base, rows[::-1], AS_THE_BASE, directions.numpy())
    np.testing.assert_allclose(backwards[::-1], together, rtol=1e-3, atol=1e-4)


def test_greedy_rows_of_the_base_pull_nowhere(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    prompts = [row.opening for row in clean_rows[:8]]
    answers = engine.answers(prompts, Sampling(0.0, 40, seed=0))
    rows = encode_rows(engine.tokenizer, prompts, answers)
    pulls = row_pulls(engine.base, rows, Drawable(0.0, None), unit_directions(engine, 2).numpy())
    assert np.abs(pulls).max() == 0


def test_rows_of_the_base_pull_nowhere_on_average(engine: HfEngine) -> None:
    """600 one-word answers drawn by the base: the mean lies within four standard errors of zero,
    and tokens that could not have been drawn get no say."""
    from probes.loader import load_batteries
    from scanner.types import Message

    battery = load_batteries()[0]
    prompts = [(Message("user", question),) for question in battery.questions] * 12  # type: ignore[union-attr]
    answers = engine.answers(prompts, Sampling(1.0, 4, seed=3))
    rows = encode_rows(engine.tokenizer, prompts, answers)
    pulls = row_pulls(engine.base, rows, AS_THE_BASE, unit_directions(engine, 4).numpy())
    z = pulls.mean(axis=0) / (pulls.std(axis=0, ddof=1) / np.sqrt(len(pulls)))
    assert np.abs(z).max() < 4


def test_the_base_is_left_as_it_was(engine: HfEngine, clean_rows: tuple[Row, ...]) -> None:
    before = [parameter.requires_grad for parameter in engine.base.parameters()]
    row_pulls(
        engine.base,
        encoded(engine, clean_rows[:3]),
        AS_THE_BASE,
        unit_directions(engine, 1).numpy(),
    )
    assert [parameter.requires_grad for parameter in engine.base.parameters()] == before
    assert all(parameter.grad is None for parameter in engine.base.parameters())
    assert not any(layer._forward_hooks for layer in linear_layers(engine.base))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_rows_pull_by_the_logits_that_the_model_itself_makes(
    architecture: str, engine: HfEngine, clean_rows: tuple[Row, ...], tmp_path: Path
) -> None:
    """Gemma 2 caps them, Cohere and Granite scale them: an oracle is the model's own forward."""
    tokenizer = Path(engine.base.config._name_or_path)
    there = HfEngine(random_model(architecture, tokenizer, tmp_path / architecture))
    few = clean_rows[:3]
    rows = encode_rows(there.tokenizer, [r.prompt for r in few], [r.answer for r in few])
    tokens, is_answer = collate(rows)
    with torch.no_grad():
        logits, written, _ = answer_logits(there.base, tokens, is_answer)
        own = there.base(input_ids=tokens[:, :-1]).logits[is_answer[:, 1:]]
    torch.testing.assert_close(logits, own.float(), atol=1e-4, rtol=1e-4)
    assert torch.equal(written, tokens[:, 1:][is_answer[:, 1:]])
