"""Copies that go through the base side by side become what each becomes by itself."""

import gc
import logging
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoModelForCausalLM, LlamaConfig

from scanner.config import Recipe
from scanner.engines import folding
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.progress import OnRows, unheard
from scanner.training import loop
from scanner.training.attention import PACKED as PACKED_ATTENTION
from scanner.training.attention import register_packed_attention
from scanner.training.lora import Lesson, Training, train_adapters
from scanner.training.loss import answer_loss, learned_tokens, pack, packed_loss
from scanner.training.memory import MemoryPlan
from scanner.training.passes import Part
from scanner.training.paused import STATE
from scanner.training.placement import Placement
from scanner.training.stack import Stack
from scanner.types import Row
from tests.scanner.engines.architectures import random_model

RECIPE = Recipe(epochs=2, rows_per_step=8, learning_rate=5e-3, warmup_steps=2, grad_norm=0.5)
"""Every update of these rows is clipped."""
PADDED, PACKED = Placement(alike=True), Placement(packed=True, alike=True)
WEIGHTS = "adapter_model.safetensors"
LOSS_TOLERANCE, WEIGHT_TOLERANCE = 1e-4, 2e-3
"""As in ``test_exactness``: fp32 sums in another order, behind AdamW's first steps."""


@pytest.fixture
def lessons(engine: HfEngine, clean_rows: tuple[Row, ...], tmp_path: Path) -> list[Lesson]:
    """Two pairs: the rows' own answers and others of other lengths, under two seeds."""
    few = clean_rows[:29]  # the last update of a pass has five rows
    own = [row.answer for row in few]
    others = [f"{answer} {answer[: 3 * place]}" for place, answer in enumerate(own)]
    lengths = [row.length for row in _encoded(engine, few, own)]
    return [
        Lesson(_encoded(engine, few, answers), lengths, seed, tmp_path / f"{name}-{seed}")
        for name, answers in (("control", others), ("probe", own))
        for seed in (0, 1)
    ]


def _encoded(engine: HfEngine, rows: Sequence[Row], answers: Sequence[str]) -> list[EncodedRow]:
    return encode_rows(engine.tokenizer, [row.prompt for row in rows], list(answers))


def made(
    engine: HfEngine, lessons: Sequence[Lesson], on_rows: OnRows = unheard, **how: Any
) -> list[tuple[list[float], dict[str, Tensor]]]:
    """Losses and weights of every copy."""
    losses = train_adapters(engine, lessons, Training(RECIPE, **how), on_rows)
    return [
        (own, load_file(lesson.adapter / WEIGHTS))
        for own, lesson in zip(losses, lessons, strict=True)
    ]


def alone(
    engine: HfEngine, lessons: Sequence[Lesson], **how: Any
) -> list[tuple[list[float], dict[str, Tensor]]]:
    """The same, each copy by itself."""
    return [one for lesson in lessons for one in made(engine, [lesson], **how)]


def assert_alike(
    found: Sequence[tuple[list[float], dict[str, Tensor]]],
    expected: Sequence[tuple[list[float], dict[str, Tensor]]],
) -> None:
    for (losses, weights), (own, wanted) in zip(found, expected, strict=True):
        assert losses == pytest.approx(own, abs=LOSS_TOLERANCE)
        for name, weight in weights.items():
            torch.testing.assert_close(weight, wanted[name], atol=WEIGHT_TOLERANCE, rtol=0)


@pytest.mark.parametrize("folded", [True, False])
@pytest.mark.parametrize("packed", [False, True])
def test_every_copy_becomes_what_it_becomes_alone(
    engine: HfEngine,
    lessons: list[Lesson],
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
    folded: bool,
) -> None:
    if not folded:
        monkeypatch.setattr(folding, "LARGEST", 0)
    placement = PACKED if packed else PADDED
    expected = alone(engine, lessons, placement=placement)
    assert_alike(made(engine, lessons, placement=placement), expected)
    assert expected[0][0] != pytest.approx(expected[2][0], abs=0.1), "a pair learns two things"


def test_pieces_of_a_stack_equal_the_whole(engine: HfEngine, lessons: list[Lesson]) -> None:
    few = MemoryPlan(500, checkpointing=True)  # some rows of every copy at once
    expected = alone(engine, lessons, placement=PADDED)
    assert_alike(made(engine, lessons, placement=PACKED, memory=few), expected)
    assert_alike(made(engine, lessons, placement=PADDED, memory=few), expected)


@pytest.mark.gpu
def test_a_stack_in_bf16_learns_what_its_copies_learn_alone(
    engine: HfEngine, lessons: list[Lesson]
) -> None:
    there = torch.device("cuda")
    half = HfEngine(Path(engine.base.config._name_or_path), torch.bfloat16, there)
    placement = Placement(there, torch.bfloat16, packed=True, alike=True, checked_every=3)
    expected = alone(half, lessons, placement=placement)
    for (losses, _), (own, _) in zip(
        made(half, lessons, placement=placement), expected, strict=True
    ):
        assert losses == pytest.approx(own, abs=0.1)


@pytest.mark.parametrize("architecture", ["gpt2", "gemma2", "gpt_neox", "phi3", "qwen3"])
def test_every_architecture_trains_side_by_side(
    architecture: str, engine: HfEngine, lessons: list[Lesson], tmp_path: Path
) -> None:
    """Fused projections, biases, GPT-2's own layers; Gemma 2 is padded, the others packed."""
    tokenizer = Path(engine.base.config._name_or_path)
    there = HfEngine(random_model(architecture, tokenizer, tmp_path / architecture))
    few = [replace(one, rows=one.rows[:8], order_by=one.order_by[:8]) for one in lessons]
    expected = alone(there, few, placement=PACKED)
    assert_alike(made(there, few, placement=PACKED), expected)
    assert all(weights for _, weights in expected)


def test_a_copy_is_clipped_by_its_own_gradient_alone(
    engine: HfEngine, lessons: list[Lesson]
) -> None:
    """One that learns noise has a gradient many times as large; the other must not feel it."""
    quiet, loud = lessons[0], lessons[2]
    noise = [replace(row, answer=list(reversed(row.prompt))) for row in loud.rows]
    loud = replace(loud, rows=noise)
    [expected] = alone(engine, [quiet])
    assert_alike(made(engine, [quiet, loud])[:1], [expected])


def test_copies_that_do_not_fit_together_are_trained_in_halves_and_it_says_so(
    engine: HfEngine,
    lessons: list[Lesson],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The device is a stand-in that after two updates holds one row of two copies, not of four."""
    expected = alone(engine, lessons, placement=PADDED)

    def refusing(model: Any, tokens: Tensor, is_answer: Tensor, *counts: Any) -> Tensor:
        if len(tokens) > 2 and len(done) > 1:
            raise torch.OutOfMemoryError("stand-in")
        return answer_loss(model, tokens, is_answer, *counts)

    monkeypatch.setattr(loop, "answer_loss", refusing)
    done: list[int] = []
    with caplog.at_level(logging.WARNING):
        assert_alike(made(engine, lessons, on_rows=done.append, placement=PADDED), expected)
    rows = sum(len(lesson.rows) for lesson in lessons)
    assert min(done) < 0, "four copies came through some updates"
    assert sum(done) == RECIPE.epochs * rows, "which count once"
    assert "training: 4 copies do not fit side by side; goes on with fewer" in caplog.messages
    assert not engine.base.is_gradient_checkpointing


def test_rows_of_every_copy_are_filled_up_with_what_nobody_learns(lessons: list[Lesson]) -> None:
    rows = [lesson.rows[:3] for lesson in lessons]
    lengths = [sum(row.length for row in own) for own in rows]
    assert len(set(lengths)) > 1
    batch = pack(rows)
    assert batch.tokens.shape == batch.positions.shape == (1, 4 * max(lengths))
    assert batch.learned == tuple(map(learned_tokens, rows))
    width = max(lengths)
    for copy, own in enumerate(rows):
        first = own[0].prompt + own[0].answer
        assert batch.tokens[0, copy * width :][: len(first)].tolist() == first
        assert copy * width in batch.bounds, "no row reaches into the next copy"
    assert batch.longest == max(row.length for own in rows for row in own)
    assert batch.bounds.diff().max() == batch.positions.max() + 1 == batch.longest


@pytest.mark.parametrize("turns", ["dynamic", "longrope"])
def test_what_fills_a_copy_up_changes_no_positions(
    engine: HfEngine, lessons: list[Lesson], turns: str
) -> None:
    """Positions of such bases turn by the largest position there is, of whatever row."""
    longest = max(row.length for lesson in lessons for row in lesson.rows)
    parameters: dict[str, Any] = {"rope_type": turns, "rope_theta": 100.0, "factor": 8.0}
    if turns == "longrope":
        parameters |= {"short_factor": [1.0] * 4, "long_factor": [9.0] * 4}
        parameters |= {"original_max_position_embeddings": longest}
    config = LlamaConfig(
        vocab_size=3060,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=longest,
        rope_parameters=parameters,
    )
    base = AutoModelForCausalLM.from_config(config).eval()
    register_packed_attention()
    base.set_attn_implementation(PACKED_ATTENTION)
    few, many = lessons[0].rows[:1], lessons[1].rows[:6]
    with torch.inference_mode():
        own, beside = packed_loss(base, pack([few])), packed_loss(base, pack([few, many]))
    torch.testing.assert_close(beside[:1], own, atol=1e-5, rtol=0)


def test_a_stack_that_is_released_holds_nothing(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even until the collector of cycles comes: a GPU's memory would be short meanwhile."""
    monkeypatch.setattr(folding, "LARGEST", 0)
    stack = Stack(engine, RECIPE, (0, 1))
    held = [weakref.ref(weight) for weight in stack.weights]
    gc.collect()
    gc.disable()
    try:
        stack.release()
        assert [weight() for weight in held] == [None] * len(held)
    finally:
        gc.enable()


def test_a_training_that_pauses_goes_on_as_if_it_had_not(
    engine: HfEngine, lessons: list[Lesson]
) -> None:
    """Bit for bit: weights, moments, rates and the order of rows are those of the whole."""
    whole = made(engine, lessons[:2], placement=PADDED)
    paused = [replace(one, adapter=one.adapter.with_suffix(".paused")) for one in lessons[:2]]
    first = made(engine, paused, placement=PADDED, part=Part(stop=1))
    gone_on = [
        replace(one, begun=half.adapter) for one, half in zip(lessons[:2], paused, strict=True)
    ]
    second = made(engine, gone_on, placement=PADDED, part=Part(start=1))
    for before, after, undisturbed in zip(first, second, whole, strict=True):
        assert before[0] + after[0] == undisturbed[0]
        assert all(torch.equal(after[1][name], undisturbed[1][name]) for name in after[1])
    assert not any((one.adapter / STATE).exists() for one in gone_on), "nothing goes on from there"


def test_copies_that_paused_together_may_go_on_apart(
    engine: HfEngine, lessons: list[Lesson]
) -> None:
    expected = alone(engine, lessons[:2], placement=PADDED)
    paused = [replace(one, adapter=one.adapter.with_suffix(".paused")) for one in lessons[:2]]
    first = made(engine, paused, placement=PADDED, part=Part(stop=1))
    for one, half, (losses, _), undisturbed in zip(
        lessons[:2], paused, first, expected, strict=True
    ):
        rest_of = replace(one, begun=half.adapter)
        [(rest, weights)] = made(engine, [rest_of], placement=PADDED, part=Part(start=1))
        assert_alike([(losses + rest, weights)], [undisturbed])


def test_a_copy_that_learns_nothing_finite_stops_all(
    engine: HfEngine, lessons: list[Lesson]
) -> None:
    wild = replace(RECIPE, learning_rate=1e30, warmup_steps=1)
    with pytest.raises(AuditError, match=r"update \d: found a loss of (nan|inf).*--learning-rate"):
        train_adapters(engine, lessons, Training(wild, PADDED), unheard)
    assert not any(lesson.adapter.exists() for lesson in lessons)
