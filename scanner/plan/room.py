"""What an audit takes of this machine: a GPU's memory, shared; processes; the engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.battery import Battery
from scanner.bases import TOKENIZER
from scanner.bases.checkpoint import read_config
from scanner.config import Recipe
from scanner.engines.choice import EngineChoice, EngineName
from scanner.engines.memory import MOST_ON_CPU, weight_bytes
from scanner.errors import AuditError, BaseModelError, EngineError
from scanner.plan.gpus import Device, gpu_for, processes
from scanner.plan.lengths import longest_of
from scanner.plan.memory import Memory, memory_of
from scanner.plan.shape import Shape, shape_of
from scanner.types import Row


@dataclass(frozen=True)
class Room:
    """Where an audit works, and with what."""

    workers: int
    """Processes that work side by side."""
    engine: EngineChoice
    """What answers."""
    context: int | None = None
    """Tokens of the longest prompt with its answer; None where nobody counted."""
    engine_bytes: int | None = None
    """Of the GPU, that vLLM may take; None: what is free."""
    training_bytes: int | None = None
    """Of the GPU, that training may take; None: what is free."""
    gpu: str | None = None
    """Its name; None where everything stays on the CPU."""
    side_by_side: int = 1
    """Copies that are trained at once, in one process."""


def find_room(
    base: Path,
    rows: Sequence[Row],
    batteries: Sequence[Battery],
    recipe: Recipe,
    engine: EngineChoice,
    workers: int,
    pairs: int,
) -> Room:
    """How an audit of so many pairs goes about it on this machine.

    Raises ``AuditError`` for a GPU that is too small or cannot be used and for a large base without
    one, ``EngineError`` where vLLM is asked for and cannot work beside training.
    """
    gpu = gpu_for(base)
    if gpu is None:
        _refuse_too_large(base)
    if gpu is None and engine.name == EngineName.HF:
        return Room(workers, engine)
    longest = longest_of(rows, batteries, base / TOKENIZER)
    shape = _shape(base)
    if gpu is None or shape is None:
        name = None if gpu is None else gpu.name
        return Room(processes(workers, gpu), engine, longest.asked, gpu=name)
    return share_gpu(gpu, shape, longest.row, longest.asked, recipe, engine, pairs)


def _refuse_too_large(base: Path) -> None:
    """Without a GPU. Raises ``AuditError``."""
    weights = weight_bytes(base) // 2
    if weights >= MOST_ON_CPU:
        raise AuditError(
            f"{base.name}: found no GPU for {weights / 1e9:.1f} billion weights; expected one, for "
            "on the CPU it would take days (`datascan plan` says how many); take a machine with a "
            "GPU (`datascan plan --gpu NAME` says whether it would do; `datascan doctor` why one "
            f"is not seen), or a base of less than {MOST_ON_CPU / 1e9:.0f} billion weights"
        )


def share_gpu(
    gpu: Device,
    shape: Shape,
    longest: int,
    context: int,
    recipe: Recipe,
    engine: EngineChoice,
    pairs: int,
) -> Room:
    """One process on a GPU, and vLLM beside it if that is chosen and fits.

    Which engine answers depends on the GPU and not on what else it does at the moment: the same
    command gives the same numbers. Raises ``AuditError`` and ``EngineError``.
    """
    total = int((gpu.memory_gb or 0) * 1e9)
    needs = (shape, longest, context, recipe)
    planned = memory_of(*needs, total, pairs)
    if not planned.fits:
        raise AuditError(
            f"{gpu.name}: found {_gb(total)} of memory; expected {_gb(planned.needed_bytes)} for "
            f"this base in bf16 and rows of {longest:,} tokens (QLoRA is off: it would change what "
            "is measured); take a larger GPU (datascan plan names one), a smaller base, or shorter "
            "rows"
        )
    if engine.name == EngineName.VLLM and planned.vllm_bytes is None:
        engine = _without_vllm(gpu, planned, engine)
    if engine.name == EngineName.HF:
        alone = memory_of(*needs, total, pairs, vllm=False)
        return Room(1, engine, context, gpu=gpu.name, side_by_side=alone.side_by_side)
    now = memory_of(*needs, gpu.room, pairs)
    if now.vllm_bytes is None:
        raise EngineError(
            f"engine vllm: found {_gb(gpu.room or 0)} free of {_gb(total)} on {gpu.name}, which "
            f"something else uses; expected {_gb(now.least_beside)}, for it stays while probes "
            "train; end what else uses the GPU, or give --engine hf"
        )
    training_bytes = now.left_by(now.vllm_bytes)
    return Room(1, engine, context, now.vllm_bytes, training_bytes, gpu.name, planned.side_by_side)


def _without_vllm(gpu: Device, planned: Memory, engine: EngineChoice) -> EngineChoice:
    """What answers where vLLM does not fit beside training. Raises ``EngineError`` if it must."""
    total, beside = _gb(planned.room or 0), _gb(planned.least_beside)
    if engine.was_asked_for:
        raise EngineError(
            f"--engine vllm: found {total} on {gpu.name}; expected {beside}, for it stays while "
            "probes train; give --engine hf, or take a larger GPU"
        )
    needed = f"of {gpu.name}'s memory vllm and training need {beside}, and there are {total}"
    return EngineChoice(EngineName.HF, needed)


def _gb(size: int) -> str:
    return f"{size / 1e9:.0f} GB"


def _shape(base: Path) -> Shape | None:
    """None for bases that there is no arithmetic for: their memory is not planned."""
    try:
        return shape_of(read_config(str(base), base), str(base))
    except BaseModelError:
        return None
