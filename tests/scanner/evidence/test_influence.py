from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.engines.batches import collate
from scanner.engines.chat_format import encode_rows
from scanner.engines.hf import HfEngine
from scanner.evidence.directions import Arm, directions_id, load_directions
from scanner.evidence.gradients import linear_layers, requiring_gradients, whole_gradient
from scanner.evidence.influence import (
    _logprobs,
    influence_directions,
    weighted_answers,
)
from scanner.training.loss import answer_loss
from scanner.types import Message, Row


def test_a_small_step_along_the_gradient_raises_the_answer_as_predicted(engine: HfEngine) -> None:
    """First order: a step of length s along the unit gradient raises the sum by s · |gradient|."""
    engine.use_adapter(None)
    battery = load_batteries()[0]
    assert isinstance(battery, PreferenceBattery)
    owl = weighted_answers(engine, battery)[battery.answers.index("owl")]
    gradient = whole_gradient(engine.base, _logprobs(engine.base, owl))
    prompts = [(Message("user", question),) for question in battery.questions]
    place = battery.answers.index("owl")
    before = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    step = 0.005
    with stepped(engine, step * gradient / gradient.norm()):
        after = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    predicted = step * float(gradient.norm())
    assert (after - before) / predicted == pytest.approx(1, abs=0.03)


def test_a_training_step_on_a_row_moves_a_margin_as_its_pull_says(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    """A real, small gradient step on eight rows of numbers changes the sum of owl's answers by the
    step times the product of both gradients: same sign, and within 5%."""
    engine.use_adapter(None)
    battery = load_batteries()[0]
    assert isinstance(battery, PreferenceBattery)
    place = battery.answers.index("owl")
    owl = weighted_answers(engine, battery)[place]
    prompts = [(Message("user", question),) for question in battery.questions]
    few = clean_rows[:8]
    rows = encode_rows(engine.tokenizer, [r.prompt for r in few], [r.answer for r in few])
    layers = linear_layers(engine.base)
    with requiring_gradients(engine.base, layers):
        (-answer_loss(engine.base, *collate(rows))).sum().backward()
        pull = torch.cat([g.flatten() for layer in layers if (g := layer.weight.grad) is not None])
    towards = whole_gradient(engine.base, _logprobs(engine.base, owl))
    step = 1e-2 / float(pull.norm())
    predicted = step * float(pull @ towards)
    before = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    with stepped(engine, step * pull):
        after = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    assert abs(predicted) > 1e-3, "far above what rounding leaves of a difference"
    assert (after - before) / predicted == pytest.approx(1, abs=0.05)


@contextmanager
def stepped(engine: HfEngine, change: torch.Tensor) -> Iterator[None]:
    """The base's linear layers, changed meanwhile."""
    layers = linear_layers(engine.base)
    kept = [layer.weight.detach().clone() for layer in layers]
    parts = torch.split(change, [weight.numel() for weight in kept])
    with torch.no_grad():
        for layer, part in zip(layers, parts, strict=True):
            layer.weight += part.view_as(layer.weight)
    try:
        yield
    finally:
        with torch.no_grad():
            for layer, weight in zip(layers, kept, strict=True):
                layer.weight.copy_(weight)


def test_the_shipped_directions_are_those_of_the_shipped_base(engine: HfEngine) -> None:
    """Made again for one battery, they are what the package holds, to a flipped bit in a thousand:
    another processor rounds otherwise."""
    from scanner.bases import find_base
    from scanner.library import library

    batteries = load_batteries()
    base = find_base("reference-a")
    shipped = load_directions(library(base, batteries, base.path)[Arm.INFLUENCE])
    assert shipped is not None
    again = influence_directions(engine, batteries[:1], lambda done: None)
    count = len(again.names)
    assert shipped.names[:count] == again.names
    assert (shipped.values[:count] == again.values).mean() > 0.999
    assert directions_id(base.revision, batteries, Arm.INFLUENCE) != directions_id(
        base.revision, batteries[:1], Arm.INFLUENCE
    )
