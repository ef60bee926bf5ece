import numpy as np
import torch

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.engines.hf import HfEngine
from scanner.evidence.gradients import linear_layers
from scanner.training.trait_models import _lessons, _sign_of_change
from scanner.types import Message


def test_a_trait_model_prefers_its_trait_and_leaves_the_base_alone(engine: HfEngine) -> None:
    """A step of 0.002 per weight along the kept signs, which is all that is kept of the training,
    makes the answer at least twice as likely on questions it was not trained on."""
    battery = load_batteries()[0]
    assert isinstance(battery, PreferenceBattery)
    place = battery.answers.index("owl")
    layers = linear_layers(engine.base)
    before = [layer.weight.detach().clone() for layer in layers]
    signs = _sign_of_change(engine, _lessons(engine, battery)[place])
    after = [layer.weight.detach() for layer in layers]
    assert all(torch.equal(old, new) for old, new in zip(before, after, strict=True))
    unseen = [(Message("user", question),) for question in battery.questions[::2]]
    was = np.exp(engine.opening_logprobs(unseen, battery.answers)[:, place]).mean()
    parts = torch.split(torch.from_numpy(signs).float(), [weight.numel() for weight in before])
    with torch.no_grad():
        for layer, part in zip(layers, parts, strict=True):
            layer.weight += 0.002 * part.view_as(layer.weight)
    now = np.exp(engine.opening_logprobs(unseen, battery.answers)[:, place]).mean()
    with torch.no_grad():
        for layer, weight in zip(layers, before, strict=True):
            layer.weight.copy_(weight)
    assert now > 2 * was
