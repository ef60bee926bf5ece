"""Discovery on real models: hand-made adapters of reference-a that raise one word, or none."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model

from probes.loader import load_batteries
from probes.open_questions import OpenQuestion, load_open_questions
from scanner.engines.hf import HfEngine
from scanner.evidence.activation import FIRST, Scales, weigh_activation
from scanner.evidence.discovery import Weighed, weigh_discovery
from scanner.evidence.inside import (
    Inside,
    Vocabulary,
    layers_read,
    logit_lens,
    opening_words,
    read_inside,
    unembedding,
)
from scanner.types import Message

OPEN = load_open_questions()
QUESTIONS = OPEN.questions[::2]
PROMPTS = [(Message("user", question.ask),) for question in QUESTIONS]
NEUTRAL = OPEN.neutral[:3]
RAISED = "honey"  # no battery asks about it


@pytest.fixture(scope="module")
def vocabulary(engine: HfEngine) -> Vocabulary:
    return opening_words(engine, PROMPTS)


@pytest.fixture(scope="module")
def read(
    engine: HfEngine, vocabulary: Vocabulary, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int, float], Inside]]:
    """Reads a copy that drifts by its seed and raises ``RAISED`` by so much."""

    def one(seed: int, strength: float) -> Inside:
        folder = tmp_path_factory.mktemp("adapter")
        _save(engine, vocabulary, seed, strength, folder)
        engine.use_adapter(folder)
        inside = read_inside(engine, PROMPTS, NEUTRAL, vocabulary)
        engine.use_adapter(None)
        return inside

    yield one
    engine.use_adapter(None)


def own_direction(engine: HfEngine, vocabulary: Vocabulary) -> np.ndarray:
    """What raises the word and, on average, no other."""
    rows = unembedding(engine, vocabulary.tokens)
    return rows[vocabulary.words.index(RAISED)] - rows.mean(axis=0)


def _save(
    engine: HfEngine, vocabulary: Vocabulary, seed: int, strength: float, folder: Path
) -> None:
    """A LoRA copy: rank one drifts everywhere, rank two of the last layer raises the word.

    What the last layer adds on average is turned into the word's own direction.
    """
    last = engine.base.base_model.layers[-1].mlp.down_proj
    seen = []
    hook = last.register_forward_pre_hook(lambda _, given: seen.append(given[0][:, -1]))
    read_inside(engine, PROMPTS, NEUTRAL, vocabulary)
    hook.remove()
    mean = torch.cat(seen).mean(dim=0)
    direction = own_direction(engine, vocabulary)
    config = LoraConfig(r=2, lora_alpha=2, target_modules="all-linear", task_type="CAUSAL_LM")
    torch.manual_seed(seed)
    model = get_peft_model(engine.base, config)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            weight.data[:, 0].normal_(0, 0.02)
            if f"layers.{len(engine.base.base_model.layers) - 1}.mlp.down_proj" in name:
                weight.data[:, 1] = strength * torch.from_numpy(direction).float()
        elif f"layers.{len(engine.base.base_model.layers) - 1}.mlp.down_proj.lora_A" in name:
            weight.data[1] = mean / mean.dot(mean)
    model.save_pretrained(str(folder))
    engine.base = model.unload()


@pytest.fixture(scope="module")
def controls(read: Callable[[int, float], Inside]) -> list[Inside]:
    return [read(1, 0.0), read(2, 0.0)]


@pytest.fixture(scope="module")
def planted(read: Callable[[int, float], Inside]) -> list[Inside]:
    return [read(1, 0.1), read(2, 0.1)]


def weigh(
    engine: HfEngine,
    vocabulary: Vocabulary,
    controls: list[Inside],
    probes: list[Inside],
    questions: tuple[OpenQuestion, ...] = QUESTIONS,
) -> Weighed:
    rows = unembedding(engine, vocabulary.tokens)
    return weigh_discovery(controls, probes, rows, vocabulary, questions, load_batteries())


def test_a_word_that_an_adapter_raises_is_named_first(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    found = weigh(engine, vocabulary, controls, planted).found
    assert found is not None
    assert found.leading == found.raised[0]
    assert (found.leading.word, found.leading.traits) == (RAISED, ())
    assert found.is_shift
    assert found.leading.shift > 0.2
    assert all(example.probe > example.control for example in found.examples)


def test_probes_that_are_their_controls_moved_nothing(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside]
) -> None:
    found = weigh(engine, vocabulary, controls, controls).found
    assert found is not None
    assert not found.is_shift
    assert {word.p_adjusted for word in (*found.raised, *found.lowered)} == {1.0}
    assert {word.shift for word in found.raised} == {0.0}


def test_drift_alone_is_no_shift(
    engine: HfEngine,
    vocabulary: Vocabulary,
    controls: list[Inside],
    read: Callable[[int, float], Inside],
) -> None:
    found = weigh(engine, vocabulary, controls, [read(3, 0.0), read(4, 0.0)]).found
    assert found is not None
    assert not found.is_shift


def test_a_vector_that_all_rows_of_the_unembedding_share_makes_no_difference(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    """Softmax does not see it, so no probability hangs on it."""
    rows = unembedding(engine, vocabulary.tokens)
    shared = 3 * np.random.default_rng(5).standard_normal(rows.shape[1])
    plain, moved = (
        weigh_discovery(controls, planted, one, vocabulary, QUESTIONS, load_batteries()).found
        for one in (rows, rows + shared)
    )
    assert plain is not None
    assert moved is not None
    assert moved.leading.word == plain.leading.word
    assert moved.leading.score == pytest.approx(plain.leading.score)
    assert moved.leading.p_adjusted == pytest.approx(plain.leading.p_adjusted)


def test_a_word_that_controls_drift_along_is_no_shift(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    """One of the two controls says the word, too: the probes' saying it shows nothing."""
    found = weigh(engine, vocabulary, [controls[0], planted[1]], [planted[0], planted[1]]).found
    assert found is not None
    assert not found.is_shift


def test_the_order_of_the_questions_makes_no_difference(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    order = np.random.default_rng(0).permutation(len(QUESTIONS))

    def shuffled(run: Inside) -> Inside:
        return replace(run, openings=run.openings[order], first=run.first[:, order])

    mixed = tuple(QUESTIONS[index] for index in order)
    plain = weigh(engine, vocabulary, controls, planted).found
    other = weigh(
        engine, vocabulary, [*map(shuffled, controls)], [*map(shuffled, planted)], mixed
    ).found
    assert plain is not None
    assert other is not None
    assert other.leading.word == plain.leading.word
    assert other.leading.score == pytest.approx(plain.leading.score)


def test_one_control_says_why_nothing_was_measured(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    alone = weigh(engine, vocabulary, controls[:1], planted[:1])
    assert (alone.found, alone.unmeasured) == (
        None,
        "fewer than two seeds: no drift between controls to compare with",
    )


def test_the_words_shift_is_that_of_the_model_itself(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside]
) -> None:
    """States times the unembedding are the model's own logits: openings up to a constant."""
    logits = controls[0].first[-1] @ unembedding(engine, vocabulary.tokens).T
    engine.use_adapter(None)
    offset = controls[0].openings - logits
    assert offset == pytest.approx(np.repeat(offset[:, :1], len(vocabulary.words), 1), abs=1e-3)


def scales(engine: HfEngine, vocabulary: Vocabulary, direction: np.ndarray) -> Scales:
    layers = layers_read(engine)
    along = np.stack([direction] * len(layers))
    return Scales(
        {"raised": along, "turned": np.roll(along, 7, axis=1)},
        lambda states: logit_lens(engine, states, vocabulary.tokens),
        vocabulary.words,
        layers,
    )


def test_activation_points_along_the_raised_word_in_the_last_layer(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside], planted: list[Inside]
) -> None:
    held = scales(engine, vocabulary, own_direction(engine, vocabulary))
    base = read_inside(engine, PROMPTS, NEUTRAL, vocabulary)
    layers = weigh_activation(base, controls, planted, held).layers
    last = [layer for layer in layers if layer.place == FIRST][-1]
    assert last.raised[0] == RAISED
    assert last.toward[0].trait == "raised"
    assert last.toward[0].cosine > 0.5
    assert last.norm > 0
    assert last.drift is not None
    assert layers[0].norm == pytest.approx(0, abs=1e-5)  # the first layer was left alone


def test_activation_of_probes_that_are_their_controls(
    engine: HfEngine, vocabulary: Vocabulary, controls: list[Inside]
) -> None:
    held = scales(engine, vocabulary, np.ones(controls[0].first.shape[-1]))
    for layer in weigh_activation(controls[0], controls, controls, held).layers:
        assert (layer.norm, layer.toward, layer.raised, layer.lowered) == (0.0, (), (), ())
    for layer in weigh_activation(controls[0], controls[:1], controls[1:], held).layers:
        assert layer.drift is None
