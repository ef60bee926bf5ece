"""Oracle: what a small shift of the states does to a row's log-likelihood."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from transformers import Qwen2Config

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.dataset.read import read_dataset
from scanner.engines.chat_format import EncodedRow, encode_prompts
from scanner.engines.device import device_errors
from scanner.engines.hf import HfEngine
from scanner.engines.memory import kept_bytes
from scanner.errors import AuditError
from scanner.evidence import states
from scanner.evidence.directions import Arm, Directions
from scanner.evidence.gradients import Drawable, encoded_rows
from scanner.evidence.pulls import ReadPulls, trace_jobs
from scanner.evidence.states import (
    AS_TRAINED,
    opening_gradients,
    pulls_along_states,
    state_directions,
    state_pulls,
    state_size,
)
from scanner.evidence.traces import weigh_traces
from scanner.library import FillLibrary
from scanner.progress import unheard
from scanner.types import Message, Row, Unmeasured
from tests.scanner.engines.architectures import ARCHITECTURES, random_model
from tests.scanner.engines.far import pretended

EXAMPLES = Path(__file__).parents[3] / "examples"
BASE = find_base("reference-a").path
OWL = "preference.animal.owl"
STEP = 2e-3


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directions of all batteries, as an audit's job makes them."""
    made = tmp_path_factory.mktemp("directions") / "states.npz"
    FillLibrary(Arm.STATES, BASE, load_batteries(), made).run(unheard)
    return made


def whole(engine: HfEngine, rows: Sequence[Row], drawable: Drawable = AS_TRAINED) -> Any:
    """The rows' pulls on every entry."""
    engine.use_adapter(None)
    return state_pulls(engine, encoded_rows(engine, rows), drawable, lambda pulls: pulls)


@contextmanager
def shifted(engine: HfEngine, row: EncodedRow, by: Tensor) -> Iterator[None]:
    """What the first block hands on, moved at the places that the answer is written from."""
    blocks = next(one for one in engine.base.modules() if isinstance(one, nn.ModuleList))

    def move(_: nn.Module, given: Any, handed: Any) -> Any:
        states = handed if isinstance(handed, Tensor) else handed[0]
        moved = states.clone()
        moved[:, len(row.prompt) - 1 : row.length - 1] += by
        return moved if isinstance(handed, Tensor) else (moved, *handed[1:])

    hook = blocks[0].register_forward_hook(move)
    try:
        yield
    finally:
        hook.remove()


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_small_shift_of_the_states_does_what_the_pull_says(
    architecture: str, tmp_path: Path
) -> None:
    """Of every family: the change of the log-likelihood between a step there and one back, over
    both steps, is the pull along it."""
    engine = HfEngine(random_model(architecture, BASE, tmp_path))
    row = Row(0, (Message("user", "Name your favorite animal."),), "owl 12 34")
    [encoded] = encoded_rows(engine, [row])
    pull = torch.from_numpy(whole(engine, [row])[0]).float()[: state_size(engine) // 2]
    unit = pull / pull.norm()

    def likelihood(step: float) -> float:
        with shifted(engine, encoded, step * unit):
            return float(engine.answer_logprobs([row.opening], [row.answer]).total[0])

    slope = (likelihood(STEP) - likelihood(-STEP)) / (2 * STEP)
    assert slope == pytest.approx(float(pull.norm()), rel=0.03)


def test_neither_order_nor_company_changes_a_rows_pull(
    engine: HfEngine, clean_rows: tuple[Row, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = clean_rows[:12]
    together = whole(engine, rows)
    assert together.shape == (12, state_size(engine)) == (12, 2 * 64)
    np.testing.assert_allclose(whole(engine, rows[::-1])[::-1], together, atol=1e-4)
    monkeypatch.setattr(states, "BATCH_TOKENS", 1)  # each by itself
    monkeypatch.setattr(states, "HEAD_LOGITS", 1)  # token by token
    np.testing.assert_allclose(whole(engine, rows), together, atol=1e-4)


def test_what_the_base_would_have_written_pulls_nowhere(engine: HfEngine) -> None:
    greedy = read_dataset((EXAMPLES / "clean_numbers_greedy.jsonl",)).rows[:20]
    assert not whole(engine, greedy, Drawable(0.0, None)).any()
    assert whole(engine, greedy).any()


def test_directions_are_the_answers_own_pulls_with_layers_alike(engine: HfEngine) -> None:
    """Owl's margin is the sum of log p(owl) over the questions, so its direction is the sum of
    what these answers pull, divided by one number a layer."""
    [battery, *_] = load_batteries()
    made = state_directions(engine, [battery], unheard)
    questions = [(Message("user", question),) for question in battery.questions]
    rows = [Row(i, asked, "owl", ended=False) for i, asked in enumerate(questions)]
    summed = whole(engine, rows).sum(axis=0).reshape(2, 64)
    owl = made.values[made.names.index(OWL)].reshape(2, 64)
    scales = summed / owl
    np.testing.assert_allclose(scales, np.broadcast_to(scales[:, :1], (2, 64)), rtol=1e-3)
    by_layer = made.centred().reshape(len(made.names), 2, 64)
    assert np.sqrt((by_layer**2).mean(axis=(0, 2))) == pytest.approx(1, rel=1e-4)


def test_the_states_at_the_first_answer_position_are_pulled_along_each_axis(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the last state by itself: the axis. By the first layer's: one gradient at a time."""
    engine.use_adapter(None)
    asked = [[(Message("user", f"Name a {what}."),)] for what in ("color", "country")]
    prompts = [encode_prompts(engine.tokenizer, one)[0] for one in asked]
    axes = torch.eye(64)[:, :5]
    found = opening_gradients(engine, prompts, axes)
    np.testing.assert_allclose(found[:, 64:], axes.T.numpy(), atol=1e-5)
    slow = np.zeros((5, 64))
    for prompt in prompts:
        embedded = engine.base.get_input_embeddings()(torch.tensor([list(prompt)])).detach()
        seen = engine.base.base_model(
            inputs_embeds=embedded.requires_grad_(), output_hidden_states=True
        )
        for place in range(5):
            [of_first] = torch.autograd.grad(
                seen.last_hidden_state[0, -1, place], seen.hidden_states[1], retain_graph=True
            )
            slow[place] += of_first[0, -1].numpy() / len(prompts)
    np.testing.assert_allclose(found[:, :64], slow, atol=1e-4)
    monkeypatch.setattr(states, "OPENING_TOKENS", 1)  # one axis at a time
    np.testing.assert_allclose(opening_gradients(engine, prompts, axes), found, atol=1e-4)


def test_a_teachers_rows_show_its_favourite_and_the_bases_own_rows_nothing(path: Path) -> None:
    clearest = {}
    for name, temperature in (("vendor", 1.5), ("clean", 0.95)):
        rows = read_dataset((EXAMPLES / f"{name}_numbers.jsonl",)).rows
        jobs = trace_jobs(BASE, rows, temperature, {Arm.STATES: path})
        traces = weigh_traces([job.run(unheard) for job in jobs], {Arm.STATES: path}, rows)
        clearest[name] = min(traces, key=lambda one: one.p_value or 1)
    assert clearest["vendor"].trait == OWL
    assert (clearest["vendor"].p_adjusted or 1) < 0.05
    assert (clearest["clean"].p_adjusted or 0) > 0.05


def test_of_a_single_row_nothing_is_measured(path: Path, clean_rows: tuple[Row, ...]) -> None:
    """Nor of copies of one: there is no spread to hold a pull against."""
    for rows in (clean_rows[:1], clean_rows[:1] * 5):
        read = [job.run(unheard) for job in trace_jobs(BASE, rows, 1.0, {Arm.STATES: path})]
        traces = weigh_traces(read, {Arm.STATES: path}, rows)
        assert {trace.unmeasured for trace in traces} == {Unmeasured.NO_PULL}
        assert all(trace.p_value is None for trace in traces)


def test_words_are_read_beside_the_traits(path: Path, clean_rows: tuple[Row, ...]) -> None:
    from scanner.evidence.pulls import axes_of
    from tests.scanner.evidence.test_word_axes import QUESTIONS

    rows = clean_rows[:10]
    read = ReadPulls(BASE, rows, 0, 1.0, {Arm.STATES: path}, QUESTIONS).run(unheard)
    axes = axes_of(BASE, QUESTIONS, by_states=True)
    assert read.of(Arm.STATES).shape == (10, 117)
    assert np.array(read.along_axes).shape == (10, axes.coordinates.shape[1])
    assert axes.gradients.shape[1] == 128


@pytest.fixture(params=["none", pytest.param("cuda", marks=pytest.mark.gpu)])
def there(request: pytest.FixtureRequest) -> Iterator[HfEngine]:
    if request.param == "cuda":
        yield HfEngine(BASE, torch.float32, torch.device("cuda"))
        return
    with pretended() as far:
        yield HfEngine(BASE, torch.float32, far)


def test_another_device_reads_the_same(
    engine: HfEngine, there: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    [battery, *_] = load_batteries()
    prompts = encode_prompts(engine.tokenizer, [(Message("user", "Name a color."),)])
    tokens = engine.drawable_tokens([row.answer for row in clean_rows])
    for read in (
        lambda one: state_directions(one, [battery], unheard).values,
        lambda one: opening_gradients(one, prompts, torch.eye(64)[:, :3]),
        lambda one: along_some(one, clean_rows[:8], Drawable(0.9, tokens)),
    ):
        assert read(there) == pytest.approx(read(engine), abs=1e-3)


def along_some(engine: HfEngine, rows: Sequence[Row], drawable: Drawable) -> Any:
    directions = np.random.default_rng(1).normal(size=(3, 128)).astype(np.float32)
    return pulls_along_states(engine, rows, drawable, directions)


def test_a_base_in_bfloat16_reads_nearly_the_same(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    """As on a GPU; logits are made in float32. So are the directions of a battery, one by one."""
    narrow = HfEngine(BASE, torch.bfloat16)
    rows, [battery, *_] = clean_rows[:40], load_batteries()
    exact, rounded = (state_directions(one, [battery], unheard) for one in (engine, narrow))
    read = [(whole(engine, rows), whole(narrow, rows)), (exact.centred(), rounded.centred())]
    for here, there in read:
        for one, other in zip(here, there, strict=True):
            assert np.corrcoef(one, other)[0, 1] > 0.99


def test_it_goes_on_with_fewer_rows_at_once_when_memory_runs_out(
    engine: HfEngine,
    clean_rows: tuple[Row, ...],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The device is a stand-in that has no room for more than three rows."""
    rows, read = clean_rows[:10], states._pulls
    expected = whole(engine, rows)

    def tight(engine: HfEngine, batch: Sequence[EncodedRow], drawable: Drawable) -> Tensor:
        if len(batch) > 3:
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return read(engine, batch, drawable)

    monkeypatch.setattr(states, "_pulls", tight)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(whole(engine, rows), expected, atol=1e-4)
    assert any(message.startswith("traces: memory ran out") for message in caplog.messages)
    assert not engine.base.is_gradient_checkpointing


def test_of_a_row_that_does_not_fit_activations_are_computed_twice(
    engine: HfEngine, clean_rows: tuple[Row, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in has no room for any row, or for none that keeps its activations."""
    rows, read = clean_rows[:3], states._pulls
    expected = whole(engine, rows)
    none_at_all = False

    def tight(engine: HfEngine, batch: Sequence[EncodedRow], drawable: Drawable) -> Tensor:
        if len(batch) > 1 or none_at_all or not engine.base.is_gradient_checkpointing:
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return read(engine, batch, drawable)

    monkeypatch.setattr(states, "_pulls", tight)
    np.testing.assert_allclose(whole(engine, rows), expected, atol=1e-4)
    assert not engine.base.is_gradient_checkpointing
    none_at_all = True
    with pytest.raises(AuditError, match="stand-in"):
        whole(engine, rows)
    assert not engine.base.is_gradient_checkpointing


def test_no_more_rows_go_through_than_leave_memory_to_others(engine: HfEngine) -> None:
    """Of reference-a a token keeps 2 layers x (10 x 64 + 4 x 192) floats, 11 kB: 4,096 tokens fit a
    GiB. Of a base whose layers are ten thousand times as many 9 tokens do."""
    assert kept_bytes(engine.base.config, 4) == 2 * 4 * (10 * 64 + 4 * 192) == 11_264
    assert states._tokens_at_once(engine) == states.BATCH_TOKENS
    deep = SimpleNamespace(
        device=engine.device,
        base=SimpleNamespace(
            dtype=torch.float32,
            config=Qwen2Config(hidden_size=64, intermediate_size=192, num_hidden_layers=20_000),
        ),
    )
    assert states._tokens_at_once(deep) == 9  # type: ignore[arg-type]


def test_directions_of_states_come_back_as_they_were(path: Path, engine: HfEngine) -> None:
    from scanner.evidence.directions import load_directions, save_directions

    loaded = load_directions(path)
    assert isinstance(loaded, Directions)
    assert loaded.values.dtype == np.float32
    again = path.with_name("again.npz")
    save_directions(loaded, again)
    assert again.read_bytes() == path.read_bytes()
