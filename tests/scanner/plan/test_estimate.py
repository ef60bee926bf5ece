from dataclasses import replace

import pytest

from scanner.config import REAL, Recipe
from scanner.plan.estimate import (
    ENGINE_START,
    UTILISED,
    Stage,
    disk_bytes,
    smallest_that_fits,
    stages_of,
)
from scanner.plan.gpus import Device, cpu, gpu_named, known_gpus
from scanner.plan.memory import Memory, memory_of
from scanner.plan.shape import Shape
from scanner.plan.workload import Workload
from scanner.training.memory import MemoryPlan
from tests.scanner.plan.test_shape import qwen

WORK = Workload(10_000, 400_000, 400_000, 120, 500, 50_000, 2_000, 1_000, 7_000, 90_000)
"""10,000 rows of 80 tokens, half of them with loss."""
ALL_LEARNED = replace(WORK, prompt_tokens=0, answer_tokens=800_000)


AGAIN = Memory(MemoryPlan(None, checkpointing=True), 0, 0, None, 0, None)


def planned(work: Workload, device: Device, shape: Shape | None = None) -> Memory:
    needs = (shape or qwen(), work.longest, work.longest_asked)
    return memory_of(*needs, Recipe(), device.room)


def stage(name: str, work: Workload, device: Device, memory: Memory | None = None) -> Stage:
    stages = stages_of(qwen(), work, Recipe(), 2, device, memory or planned(work, device))
    return next(one for one in stages if one.name == name)


def test_training_on_an_h200_takes_what_the_anchor_says() -> None:
    """10,000 rows x 80 tokens x 3 epochs: 68 PF, 173 s at 50% and 248 s at 35% of 790 TFLOP/s, for
    one adapter; all tokens with loss (anchors: speed, section 5)."""
    trained = stage("train", ALL_LEARNED, gpu_named("H200"))
    assert trained.seconds is not None
    assert trained.petaflop / 4 == pytest.approx(68, rel=0.02)
    assert trained.seconds[0] / 4 == pytest.approx(173, rel=0.02)
    # 248 s at 35%; but 1,875 updates of 28 layers take 5 ms each at least.
    assert trained.seconds[1] / 4 == pytest.approx(1_875 * 28 * 0.005, rel=0.02)
    assert trained.tokens == 4 * 3 * 800_000


def test_checkpointing_costs_half_as_much_again() -> None:
    once = stage("train", WORK, gpu_named("H200"))
    again = stage("train", WORK, gpu_named("H200"), AGAIN)
    assert again.petaflop / once.petaflop == pytest.approx(1.5)


def test_time_is_linear_in_rows() -> None:
    ten = WORK.of_rows(100_000)
    for name in ("train", "twin"):
        one, more = stage(name, WORK, gpu_named("H100")), stage(name, ten, gpu_named("H100"))
        # The temperature is fitted to 600 rows, however many there are.
        assert more.petaflop / one.petaflop == pytest.approx(10, rel=0.03), name


def test_a_question_is_asked_of_every_model_once() -> None:
    """Base, two controls, two probes; two operations per weight of body and head."""
    asked = stage("ask", WORK, gpu_named("H200"))
    assert asked.tokens == 5 * 50_000
    assert asked.petaflop == pytest.approx(2 * (6.53 + 0.545) * 250_000 / 1e6, rel=1e-3)


def test_every_model_is_looked_into_and_the_base_told_its_favourites() -> None:
    assert stage("look", WORK, gpu_named("H200")).tokens == 5 * 1_000 + 7_000
    # The base reads candidate and twin, and every model the prompts of phrases.
    assert stage("phrases", WORK, gpu_named("H200")).tokens == 2 * 800_000 + 5 * 2_000


def test_small_bases_are_traced_by_their_weights_and_large_ones_by_their_states() -> None:
    """6 operations per weight and token, and 2 · 181 per weight of the body and row; by states 4
    per weight of the body and token, of the rows and of what the directions are made of, and 6 per
    weight of the head and answer token."""
    small = replace(qwen(), layers=1, hidden=64, intermediate=128, vocabulary=1000)
    device = cpu(1)
    stages = stages_of(small, WORK, Recipe(), 2, device, planned(WORK, device, small))
    [by_weights] = [one for one in stages if one.name == "trace"]
    expected = 6 * (small.body + small.head) * 800_000 + 362 * small.body * 10_000
    assert by_weights.petaflop == pytest.approx(expected / 1e15)
    by_states = stage("trace", WORK, gpu_named("H200"))
    assert by_states.tokens == 890_000
    expected = 4 * 6.53 * 890_000 + 6 * 0.545 * 400_000
    assert by_states.petaflop == pytest.approx(expected / 1e6, rel=1e-3)


def test_drawing_is_no_faster_than_reading_the_weights() -> None:
    """An L4 reads 15.2 GB at 300 GB/s: 51 ms a step of 256 answers; 800,000 tokens in 3,125."""
    seconds = stage("twin", replace(WORK, prompt_tokens=0), gpu_named("L4")).seconds
    assert seconds is not None
    assert seconds[0] >= 3125 * 15.23 / 300 * 0.99


def test_what_is_not_known_is_not_measured() -> None:
    unknown = Device("Some GPU", 80, None, None)
    assert stage("train", WORK, unknown).seconds is None
    assert stage("train", WORK, cpu(2)).seconds is not None


def test_small_updates_take_as_long_as_it_takes_to_start_them() -> None:
    """Rows of 8 tokens, 8 an update: 64 tokens would take a hundredth of what 28 layers need to be
    started, 2 and 5 ms each; 4 copies of 3,750 updates."""
    short = replace(WORK, prompt_tokens=40_000, answer_tokens=40_000)
    memory = memory_of(qwen(), 12, 500, REAL, gpu_named("H200").room)
    stages = stages_of(qwen(), short, REAL, 2, gpu_named("H200"), memory)
    trained = next(one for one in stages if one.name == "train")
    expected = 4 * 3_750 * 28 * 0.002, 4 * 3_750 * 28 * 0.005
    assert trained.seconds == pytest.approx(expected)
    paired = stages_of(qwen(), short, REAL, 2, gpu_named("H200"), replace(memory, side_by_side=2))
    [halved] = [one.seconds for one in paired if one.name == "train"]
    assert halved == pytest.approx([seconds / 2 for seconds in expected])


def test_the_probes_training_hides_the_start_of_vllm() -> None:
    """On an H200 they train for minutes. Rows of one token hide nothing of 40 to 80 s; without room
    for vLLM what counts is the base's way from the disk: 15.2 GB at 1.5 and 0.5 GB/s."""
    few = replace(WORK, rows=1, prompt_tokens=0, answer_tokens=1)
    assert stage("engine start", WORK, gpu_named("H200")).seconds == (0, 0)
    started = stage("engine start", few, gpu_named("H200")).seconds
    assert started == pytest.approx(ENGINE_START, abs=1)  # the few updates' own start
    assert stage("engine start", WORK, gpu_named("L4")).seconds == pytest.approx((10.2, 30.5), 0.01)
    assert stage("engine start", WORK, Device("Some GPU", 80, None, None)).seconds is None


def test_the_smallest_gpu_that_would_do() -> None:
    found = smallest_that_fits(qwen(), replace(WORK, longest=20_000), Recipe())
    assert found is not None
    assert found.memory_gb is not None
    assert found.memory_gb > 24
    smaller = [g for g in known_gpus() if g.memory_gb is not None and g.memory_gb < found.memory_gb]
    assert not any(planned(replace(WORK, longest=20_000), gpu).fits for gpu in smaller)
    assert smallest_that_fits(qwen(), replace(WORK, longest=10**7), Recipe()) is None


def test_the_disk_holds_adapters_in_fp32() -> None:
    """Rank 8 of Qwen2.5-7B is 20.2 million weights, 81 MB; four of them."""
    assert disk_bytes(qwen(), WORK, Recipe(), 2) == pytest.approx(4 * 80.7e6 + 8e6, rel=0.02)


def test_good_is_better_than_usual() -> None:
    assert UTILISED[0] > UTILISED[1]
