import numpy as np
import torch

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.engines.hf import HfEngine
from scanner.evidence.directions import Arm, directions_id, load_directions
from scanner.evidence.gradients import linear_layers, whole_gradient
from scanner.evidence.influence import (
    _logprobs,
    _weighted_answers,
    influence_directions,
)
from scanner.types import Message


def test_a_small_step_along_the_gradient_raises_the_answer_as_predicted(engine: HfEngine) -> None:
    """First order: a step of length s along the unit gradient raises the sum by s · |gradient|."""
    engine.use_adapter(None)
    battery = load_batteries()[0]
    assert isinstance(battery, PreferenceBattery)
    owl = _weighted_answers(engine, battery)[battery.answers.index("owl")]
    gradient = whole_gradient(engine.base, _logprobs(engine.base, owl))
    prompts = [(Message("user", question),) for question in battery.questions]
    place = battery.answers.index("owl")
    before = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    step, layers = 0.02, linear_layers(engine.base)
    kept = [layer.weight.detach().clone() for layer in layers]
    parts = torch.split(gradient / gradient.norm(), [weight.numel() for weight in kept])
    with torch.no_grad():
        for layer, part in zip(layers, parts, strict=True):
            layer.weight += step * part.view_as(layer.weight)
    after = engine.opening_logprobs(prompts, battery.answers)[:, place].sum()
    with torch.no_grad():
        for layer, weight in zip(layers, kept, strict=True):
            layer.weight.copy_(weight)
    predicted = step * float(gradient.norm())
    assert after - before == np.float64(after - before)
    assert abs((after - before) / predicted - 1) < 0.1


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
    assert (shipped.signs[:count] == again.signs).mean() > 0.999
    assert directions_id(base.revision, batteries, Arm.INFLUENCE) != directions_id(
        base.revision, batteries[:1], Arm.INFLUENCE
    )
