"""Checkpointing: activations computed twice, so that they need not be kept."""

from torch import nn
from transformers import PreTrainedModel
from transformers.modeling_layers import GradientCheckpointingLayer


def compute_twice(model: PreTrainedModel) -> None:
    """Keep no activations within the layers from now on."""
    model.gradient_checkpointing_enable({"use_reentrant": False})
    for layer in _layers(model):
        layer.training = True  # itself and not what is in it, which has dropout


def compute_once(model: PreTrainedModel) -> None:
    """Keep them again, as every model does when it is loaded."""
    model.gradient_checkpointing_disable()
    for layer in _layers(model):
        layer.training = False


def _layers(model: PreTrainedModel) -> list[nn.Module]:
    return [layer for layer in model.modules() if isinstance(layer, GradientCheckpointingLayer)]
