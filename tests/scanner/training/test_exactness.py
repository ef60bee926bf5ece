"""However rows go through the device, the update is the same."""

import json
import logging
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from scanner.config import Recipe
from scanner.engines import folding
from scanner.engines.batches import collate
from scanner.engines.chat_format import EncodedRow, encode_rows
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.progress import unheard
from scanner.training import loop, loss
from scanner.training.attention import PACKED as PACKED_ATTENTION
from scanner.training.attention import can_pack, register_packed_attention
from scanner.training.lora import Lesson, Training, train_adapter, train_adapters
from scanner.training.loss import (
    FrozenHeadLoss,
    answer_loss,
    learned_tokens,
    pack,
    packed_loss,
)
from scanner.training.memory import MemoryPlan
from scanner.training.passes import ALL, Part
from scanner.training.placement import CPU, Placement, training_engine
from scanner.types import Row
from tests.plain_loop import plain_loop
from tests.scanner.engines.architectures import ARCHITECTURES, random_model
from tests.scanner.engines.far import pretended

QUICK = Recipe(epochs=2, rows_per_step=8, learning_rate=5e-3, warmup_steps=2)
PACKED = Placement(packed=True)
WEIGHTS = "adapter_model.safetensors"
LOSS_TOLERANCE, WEIGHT_TOLERANCE = 1e-4, 2e-3
"""Nats per token, and of weights of about 0.1 after 8 updates: another order of fp32 sums, which
AdamW's first steps (a sign, whatever the size) make larger."""


@pytest.fixture
def rows(engine: HfEngine, clean_rows: tuple[Row, ...]) -> list[EncodedRow]:
    few = clean_rows[:32]
    return encode_rows(engine.tokenizer, [r.prompt for r in few], [r.answer for r in few])


def trained(
    engine: HfEngine, rows: list[EncodedRow], adapter: Path, **how: Any
) -> tuple[list[float], dict[str, Tensor]]:
    lengths = [row.length for row in rows]
    losses = train_adapter(engine, rows, lengths, QUICK, 0, adapter, lambda done: None, **how)
    return losses, load_file(adapter / WEIGHTS)


def assert_alike(
    one: tuple[list[float], dict[str, Tensor]], other: tuple[list[float], dict[str, Tensor]]
) -> None:
    assert one[0] == pytest.approx(other[0], abs=LOSS_TOLERANCE)
    for name, weight in one[1].items():
        torch.testing.assert_close(weight, other[1][name], atol=WEIGHT_TOLERANCE, rtol=0)


@pytest.mark.parametrize("folded", [True, False])
def test_an_adapter_is_what_a_plain_loop_makes_of_it(
    engine: HfEngine,
    rows: list[EncodedRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    folded: bool,
) -> None:
    """peft's own layers, torch's own clipping and one loss for all."""
    if not folded:
        monkeypatch.setattr(folding, "LARGEST", 0)
    losses = plain_loop(engine.base, rows, QUICK, 0, tmp_path / "plain")
    plain = load_file(tmp_path / "plain" / WEIGHTS)
    assert_alike(trained(engine, rows, tmp_path / "ours"), (losses, plain))


def test_packed_equals_padded(engine: HfEngine, rows: list[EncodedRow], tmp_path: Path) -> None:
    attention = engine.base.config._attn_implementation
    padded = trained(engine, rows, tmp_path / "padded")
    assert_alike(trained(engine, rows, tmp_path / "packed", placement=PACKED), padded)
    assert engine.base.config._attn_implementation == attention


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_pieces_equal_the_whole(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, packed: bool, checkpointing: bool
) -> None:
    whole = trained(engine, rows, tmp_path / "whole")
    memory = MemoryPlan(2 * max(row.length for row in rows), checkpointing)
    how = {"placement": Placement(packed=packed), "memory": memory}
    assert_alike(trained(engine, rows, tmp_path / "pieces", **how), whole)
    assert not engine.base.is_gradient_checkpointing


@pytest.mark.parametrize("checkpointing", [False, True])
def test_checkpointing_computes_activations_twice(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, checkpointing: bool
) -> None:
    """8 updates in one piece each: a layer is passed once, or once more on the way back."""
    passed: list[int] = []
    [first, *_] = (m for name, m in engine.base.named_modules() if name.endswith("self_attn"))
    hook = first.register_forward_hook(lambda module, given, found: passed.append(1))
    trained(engine, rows, tmp_path / "copy", memory=MemoryPlan(None, checkpointing))
    hook.remove()
    assert len(passed) == (16 if checkpointing else 8)
    assert not any(module.training for module in engine.base.modules())


def test_logits_taken_in_pieces_give_the_same_loss_and_gradient() -> None:
    generator = torch.Generator().manual_seed(0)
    hidden = torch.randn((7, 4), generator=generator, requires_grad=True)
    head = torch.nn.Linear(4, 5).requires_grad_(requires_grad=False)
    targets = torch.tensor([0, 1, 2, 3, 4, 0, 1])
    weighed = torch.arange(7.0)  # each token's loss has a weight of its own
    whole = torch.nn.functional.cross_entropy(head(hidden), targets, reduction="none")
    (expected,) = torch.autograd.grad(weighed @ whole, hidden)
    losses = FrozenHeadLoss.apply(hidden, targets, head, 3)  # pieces of 3, 3 and 1
    (found,) = torch.autograd.grad(weighed @ losses, hidden)
    torch.testing.assert_close(losses, whole)
    torch.testing.assert_close(found, expected)


def test_a_large_vocabulary_is_never_held_whole(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = trained(engine, rows, tmp_path / "whole")
    head = engine.base.get_output_embeddings()
    seen: list[int] = []
    hook = head.register_forward_hook(lambda module, given, logits: seen.append(len(logits)))
    monkeypatch.setattr(loss, "HEAD_LOGITS", 10 * head.weight.shape[0])
    assert_alike(trained(engine, rows, tmp_path / "pieces"), whole)
    hook.remove()
    assert max(seen) == 10


def test_memory_that_runs_out_halves_and_goes_on_and_says_so(
    engine: HfEngine,
    rows: list[EncodedRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The device is a stand-in that refuses more than three rows."""
    whole = trained(engine, rows, tmp_path / "whole")
    monkeypatch.setattr(loop, "answer_loss", refuse_more_than(3))
    with caplog.at_level(logging.WARNING):
        assert_alike(trained(engine, rows, tmp_path / "halved"), whole)
    said = [record.message for record in caplog.records]
    assert said
    assert all("memory ran out; goes on with at most" in line for line in said)


def test_a_row_that_does_not_fit_stops_with_the_way_out(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "answer_loss", refuse_more_than(0))
    with pytest.raises(AuditError, match=r"a row of \d+ tokens does not fit.*smaller base"):
        trained(engine, rows, tmp_path / "none")
    assert not engine.base.is_gradient_checkpointing


def refuse_more_than(rows: int) -> Any:
    def refusing(model: Any, tokens: Tensor, is_answer: Tensor, learned: Any, of: Any) -> Tensor:
        computed = answer_loss(model, tokens, is_answer, learned, of)
        if len(tokens) > rows:
            raise torch.OutOfMemoryError("stand-in")
        return computed

    return refusing


@pytest.fixture(params=["none", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[torch.device]:
    """Another device than the CPU's: a GPU, or one that is none."""
    if request.param == "cuda":
        yield torch.device("cuda")
        return
    # Fused kernels are made for devices that torch knows; this one computes on the CPU.
    adam = import_module("torch.optim.adam")
    monkeypatch.setattr(adam, "_device_dtype_check_for_fused", lambda weight: None)
    with pretended() as far:
        yield far


@pytest.mark.parametrize("packed", [False, True])
def test_another_device_makes_the_same_updates(
    engine: HfEngine, device: torch.device, rows: list[EncodedRow], tmp_path: Path, packed: bool
) -> None:
    if packed and device.type == "cuda":
        pytest.skip("a GPU's kernel for packs knows no fp32; see the bf16 test")
    here = trained(engine, rows, tmp_path / "here")
    there = HfEngine(Path(engine.base.config._name_or_path), torch.float32, device)
    placement = Placement(device, packed=packed)
    assert_alike(trained(there, rows, tmp_path / "there", placement=placement), here)


def test_another_device_halves_what_does_not_fit_it(
    engine: HfEngine,
    device: torch.device,
    rows: list[EncodedRow],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It refuses more than three rows, after they were computed."""
    here = trained(engine, rows, tmp_path / "here")
    there = HfEngine(Path(engine.base.config._name_or_path), torch.float32, device)
    monkeypatch.setattr(loop, "answer_loss", refuse_more_than(3))
    assert_alike(trained(there, rows, tmp_path / "there", placement=Placement(device)), here)


def test_another_device_pauses_and_goes_on(
    engine: HfEngine, device: torch.device, rows: list[EncodedRow], tmp_path: Path
) -> None:
    """Two copies side by side; weights and moments come from the disk by way of the CPU."""
    there = HfEngine(Path(engine.base.config._name_or_path), torch.float32, device)
    lengths = [row.length for row in rows]

    def begin(name: str | None, seed: int) -> Path | None:
        return None if name is None else tmp_path / f"{name}-{seed}"

    def made(part: Part, name: str, begun: str | None = None) -> list[list[float]]:
        lessons = [
            Lesson(rows, lengths, seed, tmp_path / f"{name}-{seed}", begin(begun, seed))
            for seed in (0, 1)
        ]
        return train_adapters(
            there, lessons, Training(QUICK, Placement(device), part=part), unheard
        )

    whole = made(ALL, "whole")
    first = made(Part(stop=1), "first")
    rest = made(Part(start=1), "rest", "first")
    assert [before + after for before, after in zip(first, rest, strict=True)] == whole


@pytest.mark.parametrize("device_type", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_bf16_base_with_fp32_adapters_learns_much_the_same(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, device_type: str
) -> None:
    """The GPU's way, and on the CPU. bf16 keeps 8 bits: losses of about 2 agree to 0.1."""
    exact, _ = trained(engine, rows, tmp_path / "fp32")
    there = torch.device(device_type)
    half = HfEngine(Path(engine.base.config._name_or_path), torch.bfloat16, there)
    placement = Placement(there, torch.bfloat16, packed=True, checked_every=3)
    losses, weights = trained(half, rows, tmp_path / "bf16", placement=placement)
    assert losses == pytest.approx(exact, abs=0.1)
    assert {weight.dtype for weight in weights.values()} == {torch.float32}


@pytest.mark.parametrize("device_type", ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def test_bf16_learns_as_far_as_fp32(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path, device_type: str
) -> None:
    """Losses fall by nats within 24 updates, and each update sees the one before: what autocast
    keeps of the adapter's weights must not outlive them."""
    answer = rows[0].answer
    told = [EncodedRow(row.prompt, answer) for row in rows]
    recipe = Recipe(epochs=6, rows_per_step=8, learning_rate=5e-3, warmup_steps=2)
    there = torch.device(device_type)
    half = HfEngine(Path(engine.base.config._name_or_path), torch.bfloat16, there)
    placement = Placement(there, torch.bfloat16, packed=True, checked_every=3)
    lengths = [row.length for row in told]
    exact, rounded = (
        train_adapter(one, told, lengths, recipe, 0, tmp_path / name, lambda done: None, where)
        for one, name, where in ((engine, "fp32", CPU), (half, "bf16", placement))
    )
    assert exact[-1] < exact[0] - 2, "there is much to learn"
    assert rounded[-1] == pytest.approx(exact[-1], abs=0.1)


def test_adapters_of_a_pack_load_as_peft_checkpoints(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    losses, _ = trained(engine, rows, tmp_path / "packed", placement=PACKED)
    engine.use_adapter(tmp_path / "packed")
    with torch.inference_mode():
        after = float(answer_loss(engine._active.get_base_model(), *collate(rows)))
    engine.use_adapter(None)
    assert after < losses[0]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("window", [None, 8])
def test_every_architecture_has_its_own_loss_padded_and_packed(
    architecture: str,
    window: int | None,
    engine: HfEngine,
    rows: list[EncodedRow],
    tmp_path: Path,
) -> None:
    """An oracle: the model's own forward pass over each row alone."""
    tokenizer = Path(engine.base.config._name_or_path)
    folder = random_model(architecture, tokenizer, tmp_path / architecture)
    if window is not None:
        config = json.loads((folder / "config.json").read_text())
        if config.get("sliding_window") is None:
            return  # it attends to everything, as without
        (folder / "config.json").write_text(json.dumps({**config, "sliding_window": window}))
    model = HfEngine(folder).base
    few = rows[:3]
    with torch.inference_mode():
        total = torch.zeros(())
        for row in few:
            tokens, is_answer = collate([row])
            labels = torch.where(is_answer, tokens, -100)
            own = model(input_ids=tokens, labels=labels).loss
            total += own * learned_tokens([row])
        expected = float(total) / learned_tokens(few)
        assert float(answer_loss(model, *collate(few))) == pytest.approx(expected, abs=1e-3)
        if can_pack(model.config):
            register_packed_attention()
            model.set_attn_implementation(PACKED_ATTENTION)
            assert float(packed_loss(model, pack([few]))) == pytest.approx(expected, abs=1e-3)


def test_losses_that_are_read_late_still_stop_a_wild_training(
    engine: HfEngine, rows: list[EncodedRow], tmp_path: Path
) -> None:
    """On a GPU losses are looked at every so many updates; nothing is saved before they are."""
    wild = Recipe(epochs=2, rows_per_step=8, learning_rate=1e30, warmup_steps=1)
    lengths = [row.length for row in rows]
    late = Placement(packed=True, checked_every=100)
    with pytest.raises(AuditError, match=r"update \d: found a loss of (nan|inf).*--learning-rate"):
        train_adapter(engine, rows, lengths, wild, 0, tmp_path, lambda done: None, late)
    assert not (tmp_path / WEIGHTS).exists()


def test_a_small_base_trains_on_the_cpu_as_its_certificate_did(engine: HfEngine) -> None:
    folder = Path(engine.base.config._name_or_path)
    assert training_engine(folder)[1] == CPU
