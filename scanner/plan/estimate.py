"""The arithmetic: operations, bytes and minutes of an audit's stages. Pure functions.

Constants are those of a measurement or of its arithmetic (anchors: an H200 reaches 790 of 989
TFLOP/s; 35 to 50% of that is what well-fed training and generation keep up; an engine starts in 40
to 80 s). Nothing here was measured on the GPU in question: an estimate is a range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scanner.config import Recipe
from scanner.library import MOST_BY_WEIGHTS
from scanner.plan.gpus import Device, known_gpus
from scanner.plan.memory import Memory, memory_of
from scanner.plan.shape import Shape
from scanner.plan.workload import Workload

REACHABLE = 0.8
"""Of a GPU's data sheet, in matrix products alone."""
UTILISED = (0.5, 0.35)
"""Of what is reachable: good and usual."""
ENGINE_START = (40.0, 80.0)
"""Seconds to load a base and make ready, on a GPU."""
CPU_START = (3.0, 10.0)
LOADED_GB_S = (1.5, 0.5)
"""Of weights, from a disk that has them at hand or has not."""
FORWARD, TRAIN, TRAIN_AGAIN = 2, 4, 6
"""Operations per weight and token: forward; with the gradient of activations (LoRA needs none of
the base's weights); with activations computed twice (checkpointing)."""
UPDATE_SECONDS = (0.002, 0.005)
"""Of an update and layer on a GPU, however few its tokens: Python, and starting kernels (7 to 18
updates a second with 28 layers; assumed)."""
TRACE = 6
"""The same with the gradient of every weight, which traces read of each row."""
DIRECTIONS = 181
"""That a row's gradient is held against: 117 of the traces, and 64 of the words."""
FIT_ROWS = 600
"""Rows that the twin's temperature is fitted to."""
SEQUENCES = 256
"""Answers drawn at once."""
RESULT_BYTES = 5_000_000
"""Results, reports, readings and logs."""


@dataclass(frozen=True)
class Stage:
    """How long a stage takes."""

    name: str
    tokens: int
    """Read or written, over all models."""
    petaflop: float
    """10^15 operations."""
    seconds: tuple[float, float] | None
    """Good and usual; None where the device's speed is not known."""


def stages_of(
    shape: Shape,
    work: Workload,
    recipe: Recipe,
    pairs: int,
    device: Device,
    memory: Memory,
    looks: int = 1,
) -> tuple[Stage, ...]:
    """Start, twin, training, questions, and a look inside; copies are asked ``looks`` times."""
    weights = shape.body + shape.head
    fit = work.tokens * min(FIT_ROWS, work.rows) // max(1, work.rows)
    drawn = pairs * work.tokens + fit
    decoding = pairs * work.answer_tokens
    training = _train(shape, work, recipe, 2 * pairs, device, memory)
    models = 1 + 2 * pairs
    asked = (1 + looks * 2 * pairs) * work.question_tokens
    looked = models * work.open_tokens + work.told_tokens
    phrased = 2 * work.tokens + models * work.phrase_tokens
    return (
        Stage("engine start", 0, 0.0, _start(shape, device, memory, training)),
        _stage("twin", drawn, FORWARD * weights * drawn, device, _reading(shape, device, decoding)),
        _trace(shape, work, device),
        training,
        _stage("ask", asked, FORWARD * weights * asked, device),
        _stage("phrases", phrased, FORWARD * weights * phrased, device),
        _stage("look", looked, FORWARD * weights * looked, device),
    )


def _start(
    shape: Shape, device: Device, memory: Memory, training: Stage
) -> tuple[float, float] | None:
    """What is waited for. The probes, half of what is trained, hide vLLM's start or a part of it;
    transformers load the base that is trained."""
    if not device.is_gpu:
        return CPU_START
    if memory.vllm_bytes is None:
        good, usual = (2 * shape.weights / (speed * 1e9) for speed in LOADED_GB_S)
        return good, usual
    if training.seconds is None:
        return None
    (good, usual), (fast, slow) = ENGINE_START, training.seconds
    return max(0.0, good - fast / 2), max(0.0, usual - slow / 2)


def _train(
    shape: Shape, work: Workload, recipe: Recipe, copies: int, device: Device, memory: Memory
) -> Stage:
    """All copies; on a GPU no update is shorter than what starts it, once for those that are
    trained side by side."""
    again = memory.training is None or memory.training.checkpointing
    passes, each = copies * recipe.epochs, TRAIN_AGAIN if again else TRAIN
    flop = passes * each * (shape.body * work.tokens + shape.head * work.answer_tokens)
    stage = _stage("train", passes * work.tokens, flop, device)
    if not device.is_gpu or stage.seconds is None:
        return stage
    starts = -(-copies // memory.side_by_side) * recipe.updates(work.rows) * shape.layers
    floors = zip(stage.seconds, UPDATE_SECONDS, strict=True)
    good, usual = (max(seconds, starts * least) for seconds, least in floors)
    return replace(stage, seconds=(good, usual))


def _trace(shape: Shape, work: Workload, device: Device) -> Stage:
    """Every row's gradient by the weights, and how far it goes along every direction; a large
    base's by its states, after the directions are made, whose products are next to nothing."""
    if shape.weights <= MOST_BY_WEIGHTS:
        along = 2 * DIRECTIONS * shape.body * work.rows
        flop = TRACE * (shape.body + shape.head) * work.tokens + along
        return _stage("trace", work.tokens, flop, device)
    tokens = work.tokens + work.answered_tokens
    # Logits are made twice and go back once, of answers alone; a trait's are a token or two of ten.
    flop = TRAIN * shape.body * tokens + TRACE * shape.head * work.answer_tokens
    return _stage("trace", tokens, flop, device)


def _stage(name: str, tokens: int, flop: float, device: Device, least: float = 0.0) -> Stage:
    if device.bf16_tflops is None:
        return Stage(name, tokens, flop / 1e15, None)
    reachable = device.bf16_tflops * (REACHABLE if device.is_gpu else 1.0) * 1e12
    good, usual = (max(flop / (reachable * share), least) for share in UTILISED)
    return Stage(name, tokens, flop / 1e15, (good, usual))


def _reading(shape: Shape, device: Device, decoded: int) -> float:
    """Seconds that reading all weights once per step of drawing takes at least."""
    if device.bandwidth_gb_s is None:
        return 0.0
    steps = decoded / SEQUENCES
    return steps * 2 * shape.weights / (device.bandwidth_gb_s * 1e9)


def total_seconds(stages: Sequence[Stage]) -> tuple[float, float] | None:
    """Good and usual, of all stages; None where one of them is not known."""
    known = [stage.seconds for stage in stages if stage.seconds is not None]
    if len(known) < len(stages):
        return None
    return sum(good for good, _ in known), sum(usual for _, usual in known)


def disk_bytes(
    shape: Shape, work: Workload, recipe: Recipe, pairs: int, paused: bool = False
) -> int:
    """What a run folder comes to: adapters in fp32, twins (four bytes a token), results. A training
    that paused leaves its adapters of then with their two moments, too."""
    adapters = 2 * pairs * 4 * shape.adapter(recipe.rank) * (4 if paused else 1)
    return adapters + pairs * 4 * work.answer_tokens + RESULT_BYTES


def smallest_that_fits(shape: Shape, work: Workload, recipe: Recipe) -> Device | None:
    """The GPU of least memory on which the audit fits; None if it fits on none."""
    needs = (shape, work.longest, work.longest_asked, recipe)
    fitting = [gpu for gpu in known_gpus() if memory_of(*needs, gpu.room).fits]
    return fitting[-1] if fitting else None
