"""Which engine answers and who may take how much of a GPU."""

from dataclasses import replace
from pathlib import Path

import pytest

import reference_models
from probes.loader import load_batteries
from scanner.config import Recipe
from scanner.engines.choice import ASKED_FOR, EngineChoice, EngineName
from scanner.errors import AuditError, EngineError
from scanner.plan.gpus import Device, gpu_named
from scanner.plan.room import Room, find_room, share_gpu
from scanner.types import Message, Row
from tests.scanner.plan.test_shape import qwen

AUTO = EngineChoice(EngineName.VLLM, "vllm and a GPU are here")
WISH = EngineChoice(EngineName.VLLM, ASKED_FOR)
HF = EngineChoice(EngineName.HF, "vllm is not installed")


def shared(gpu: Device, engine: EngineChoice) -> Room:
    return share_gpu(gpu, qwen(), 120, 1_000, Recipe(), engine, 2)


def test_what_vllm_and_training_take_is_what_there_is() -> None:
    busy = replace(gpu_named("H200"), free_gb=100.0)
    for gpu, free in ((gpu_named("H200"), 141), (busy, 100)):
        room = shared(gpu, AUTO)
        assert room.engine == AUTO
        assert room.workers == 1, "a second would hold a second base"
        assert room.context == 1_000
        assert room.engine_bytes is not None
        assert room.training_bytes == free * 10**9 - room.engine_bytes


def test_where_both_do_not_fit_transformers_answer_and_the_report_says_why() -> None:
    room = shared(gpu_named("RTX-4090"), AUTO)
    assert room.engine == EngineChoice(
        EngineName.HF, "of RTX-4090's memory vllm and training need 41 GB, and there are 24 GB"
    )
    assert (room.engine_bytes, room.training_bytes) == (None, None)


def test_a_wish_that_does_not_fit_is_one_line() -> None:
    with pytest.raises(EngineError) as raised:
        shared(gpu_named("RTX-4090"), WISH)
    assert str(raised.value) == (
        "--engine vllm: found 24 GB on RTX-4090; expected 41 GB, for it stays while probes train; "
        "give --engine hf, or take a larger GPU"
    )


def test_a_gpu_in_use_does_not_change_the_engine_but_stops_with_the_way_out() -> None:
    """Else the same command would give other numbers, depending on who else is there."""
    with pytest.raises(EngineError) as raised:
        shared(replace(gpu_named("H200"), free_gb=30.0), AUTO)
    assert str(raised.value) == (
        "engine vllm: found 30 GB free of 141 GB on H200, which something else uses; expected 41 "
        "GB, for it stays while probes train; end what else uses the GPU, or give --engine hf"
    )


def test_a_gpu_too_small_for_either_is_one_line() -> None:
    with pytest.raises(AuditError) as raised:
        shared(replace(gpu_named("L4"), memory_gb=16.0), HF)
    assert str(raised.value) == (
        "L4: found 16 GB of memory; expected 24 GB for this base in bf16 and rows of 120 tokens "
        "(QLoRA is off: it would change what is measured); take a larger GPU (datascan plan names "
        "one), a smaller base, or shorter rows"
    )


def test_without_vllm_nothing_is_shared() -> None:
    assert shared(gpu_named("H200"), HF) == Room(1, HF, 1_000, gpu="H200", side_by_side=2)


def test_a_small_base_stays_on_the_cpu_with_all_its_workers() -> None:
    base = reference_models.verified_folder("reference-a")
    rows = [Row(1, (Message("user", "1 2"),), "3")]
    found = find_room(base, rows, load_batteries(), Recipe(), HF, 2, 2)
    assert found == Room(2, HF)
    counted = find_room(base, rows, load_batteries(), Recipe(), WISH, 2, 2)
    assert (counted.workers, counted.engine_bytes) == (2, None)
    assert counted.context is not None


@pytest.mark.parametrize(("weights", "refused"), [(999_000_000, False), (7_600_000_000, True)])
def test_a_large_base_without_a_gpu_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weights: int, refused: bool
) -> None:
    """The file is a hole."""
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * weights)
    monkeypatch.setattr("scanner.plan.room.gpu_for", lambda base: None)
    if not refused:
        assert find_room(tmp_path, [], (), Recipe(), HF, 2, 2) == Room(2, HF)
        return
    with pytest.raises(AuditError) as raised:
        find_room(tmp_path, [], (), Recipe(), HF, 2, 2)
    told = str(raised.value)
    assert "found no GPU for 7.6 billion weights; expected one" in told
    assert "datascan plan --gpu NAME" in told
    assert "\n" not in told


def test_a_base_without_arithmetic_is_not_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mixture of experts: it works as before, with what is free."""
    source = reference_models.verified_folder("reference-a")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_bytes((source / name).read_bytes())
    (tmp_path / "config.json").write_text('{"num_experts": 8}')
    monkeypatch.setattr("scanner.plan.room.gpu_for", lambda base: gpu_named("H200"))
    rows = [Row(1, (Message("user", "1 2"),), "3")]
    found = find_room(tmp_path, rows, load_batteries(), Recipe(), AUTO, 2, 2)
    assert found.workers == 1
    assert (found.engine_bytes, found.training_bytes) == (None, None)
