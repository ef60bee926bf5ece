"""The arithmetic: operations, bytes and minutes of an audit's stages. Pure functions.

Constants are those of a measurement or of its arithmetic (anchors: an H200 reaches 790 of 989
TFLOP/s; 35 to 50% of that is what well-fed training and generation keep up; an engine starts in 40
to 80 s). Nothing here was measured on the GPU in question: an estimate is a range.
"""

from dataclasses import dataclass, replace

from scanner.config import Recipe
from scanner.library import MOST_TRACED
from scanner.plan.gpus import Device, known_gpus
from scanner.plan.shape import Shape

REACHABLE = 0.8
"""Of a GPU's data sheet, in matrix products alone."""
UTILISED = (0.5, 0.35)
"""Of what is reachable: good and usual."""
ENGINE_START = (40.0, 80.0)
"""Seconds to load a base and make ready, on a GPU."""
CPU_START = (3.0, 10.0)
FORWARD, TRAIN, TRAIN_AGAIN = 2, 4, 6
"""Operations per weight and token: forward; with the gradient of activations (LoRA needs none of
the base's weights); with activations computed twice (checkpointing)."""
TRACE = 6
"""The same with the gradient of every weight, which traces read of each row."""
DIRECTIONS = 298
"""That a row's gradient is held against: 117 of each arm of the traces, and 64 of the words."""
FIT_ROWS = 600
"""Rows that the twin's temperature is fitted to."""
SEQUENCES = 256
"""Answers drawn at once."""
RESERVED_GB = 2.0
"""CUDA's own, fragments, and what other programs on the GPU hold."""
ADAPTER_BYTES = 16
"""Per weight: fp32 weight, gradient, and two moments of AdamW."""
LOGIT_BYTES = 10
"""Per entry of the vocabulary and token with loss: bf16, fp32, and the gradient."""
RESULT_BYTES = 5_000_000
"""Results, reports, readings and logs."""


@dataclass(frozen=True)
class Workload:
    """The candidate in tokens of the base."""

    rows: int
    prompt_tokens: int
    """Of all rows."""
    answer_tokens: int
    longest: int
    """Tokens of the longest row."""
    question_tokens: int
    """Of everything that one model is asked, in all contexts."""
    phrase_tokens: int
    """Of what one model is asked on the prompts of phrases, where there are as many as usual."""
    open_tokens: int
    """Of the open questions and neutral texts that every model is looked into with."""
    told_tokens: int
    """Of the favourites that the base is told, for the traits' directions."""

    @property
    def tokens(self) -> int:
        """Of one pass over the rows."""
        return self.prompt_tokens + self.answer_tokens

    def of_rows(self, rows: int) -> "Workload":
        """So many rows like these, and the same questions."""
        return replace(
            self,
            rows=rows,
            prompt_tokens=self.prompt_tokens * rows // self.rows,
            answer_tokens=self.answer_tokens * rows // self.rows,
        )


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


@dataclass(frozen=True)
class Memory:
    """How training fits, or does not."""

    fits: bool
    rows_at_once: int
    """Rows of an update that go through together; the others follow, with the same result."""
    checkpointing: bool
    """Whether activations are computed twice to save memory."""
    training_gb: float
    answering_gb: float

    @property
    def needed_gb(self) -> float:
        """The larger of the two: they never run at once."""
        return max(self.training_gb, self.answering_gb)


def memory_of(shape: Shape, work: Workload, recipe: Recipe, device: Device) -> Memory:
    """The fastest way of training that fits the device; the leanest where none does."""
    rows_at_once = recipe.rows_per_step
    answering = answering_gb(shape, work)
    while True:
        for checkpointing in (False, True):
            needed = training_gb(shape, work, recipe, rows_at_once, checkpointing)
            most = device.memory_gb
            fits = most is None or max(needed, answering) <= most
            if fits and not (checkpointing and rows_at_once > 1):
                return Memory(True, rows_at_once, checkpointing, needed, answering)
        if rows_at_once == 1:
            return Memory(False, 1, True, needed, answering)
        rows_at_once //= 2


def training_gb(
    shape: Shape, work: Workload, recipe: Recipe, rows_at_once: int, checkpointing: bool
) -> float:
    """Memory of a training step whose rows are all as long as the longest, in 10^9 bytes.

    Activations per token and layer in bf16: ten vectors of the hidden size and four of the MLP's
    (6.3 MB per token on Qwen2.5-7B, where 6 to 7 were found); with checkpointing one per layer, and
    one layer whole.
    """
    tokens = rows_at_once * work.longest
    layer = 2 * (10 * shape.hidden + 4 * shape.intermediate)
    kept = 2 * shape.hidden * shape.layers + layer if checkpointing else layer * shape.layers
    learned = tokens * work.answer_tokens / max(1, work.tokens)
    total = (
        2 * shape.weights
        + ADAPTER_BYTES * shape.adapter(recipe.rank)
        + kept * tokens
        + LOGIT_BYTES * shape.vocabulary * learned
    )
    return total / 1e9 + RESERVED_GB


def answering_gb(shape: Shape, work: Workload) -> float:
    """Memory of the engine: the base, and keys and values of the answers drawn at once."""
    sequences = min(SEQUENCES, work.rows)
    average = work.tokens / max(1, work.rows)
    return (2 * shape.weights + shape.kv_bytes * sequences * average) / 1e9 + RESERVED_GB


def stages_of(
    shape: Shape, work: Workload, recipe: Recipe, pairs: int, device: Device, again: bool
) -> tuple[Stage, ...]:
    """Twin, training and questions; ``again``: activations are computed twice."""
    weights = shape.body + shape.head
    start = ENGINE_START if device.is_gpu else CPU_START
    fit = work.tokens * min(FIT_ROWS, work.rows) // max(1, work.rows)
    drawn = pairs * work.tokens + fit
    decoding = pairs * work.answer_tokens
    passes = 2 * pairs * recipe.epochs
    each = TRAIN_AGAIN if again else TRAIN
    training = passes * each * (shape.body * work.tokens + shape.head * work.answer_tokens)
    models = 1 + 2 * pairs
    asked, looked = models * work.question_tokens, models * work.open_tokens + work.told_tokens
    phrased = 2 * work.tokens + models * work.phrase_tokens
    # Rows are traced on the CPU, whatever the device, and those of large bases not at all.
    traces = not device.is_gpu and shape.weights <= MOST_TRACED
    return (
        Stage("engine start", 0, 0.0, start),
        _stage("twin", drawn, FORWARD * weights * drawn, device, _reading(shape, device, decoding)),
        *([_trace(shape, work, device)] if traces else []),
        _stage("train", passes * work.tokens, training, device),
        _stage("ask", asked, FORWARD * weights * asked, device),
        _stage("phrases", phrased, FORWARD * weights * phrased, device),
        _stage("look", looked, FORWARD * weights * looked, device),
    )


def _trace(shape: Shape, work: Workload, device: Device) -> Stage:
    """Every row's gradient, and how far it goes along every direction."""
    along = 2 * DIRECTIONS * shape.body * work.rows
    flop = TRACE * (shape.body + shape.head) * work.tokens + along
    return _stage("trace", work.tokens, flop, device)


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


def disk_bytes(shape: Shape, work: Workload, recipe: Recipe, pairs: int) -> int:
    """What a run folder comes to: adapters in fp32, twins (four bytes a token), results."""
    adapters = 2 * pairs * 4 * shape.adapter(recipe.rank)
    return adapters + pairs * 4 * work.answer_tokens + RESULT_BYTES


def smallest_that_fits(shape: Shape, work: Workload, recipe: Recipe) -> Device | None:
    """The GPU of least memory on which the audit fits; None if it fits on none."""
    fitting = [gpu for gpu in known_gpus() if memory_of(shape, work, recipe, gpu).fits]
    return fitting[-1] if fitting else None
