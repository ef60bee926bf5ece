"""A stack: LoRA copies of one base that go through it side by side, each with its own rows.

The base's weights are the same for all copies, so one pass serves them: what is multiplied by the
base is all their tokens, and each copy's tokens meet its own adapter in one batched product. On a
GPU an update of a few hundred tokens takes as long as it takes to start its kernels; a stack of
four starts them once. peft makes the first adapters and writes the last; in between their weights
lie here, with the copy as first dimension.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model, set_peft_model_state_dict
from peft.tuners.lora import Linear
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from scanner.config import Recipe
from scanner.engines.folding import folds
from scanner.engines.hf import HfEngine
from scanner.training.paused import room_for

ADAPTER = "adapter_model.safetensors"
"""The weights in a PEFT folder."""


class Stack:
    """Copies under way. ``release`` gives the base back; until then it is the stack's."""

    def __init__(self, engine: HfEngine, recipe: Recipe, seeds: Sequence[int]) -> None:
        self._engine = engine
        starts = {seed: _first_weights(engine, recipe, seed) for seed in set(seeds)}
        self.model = _with_lora(engine, recipe, seeds[0])
        self.weights = [
            nn.Parameter(torch.stack([weight.t().float() for weight in of_copies]))
            for of_copies in zip(*(starts[seed] for seed in seeds), strict=True)
        ]
        """For every layer the copies' A, (copies, inputs, rank), and B, (copies, rank, outputs):
        the other way round than peft's, so that a gradient comes as it is kept."""
        self.model.requires_grad_(False)
        pairs = zip(self.weights[::2], self.weights[1::2], strict=True)
        for layer, (down, up) in zip(_layers(self.model), pairs, strict=True):
            forward = _folded if folds(layer.base_layer) else _beside
            layer.forward = partial(forward, layer, down, up)
        self.model.eval()  # no dropout: it would be another for a probe than for its control

    @property
    def base(self) -> PreTrainedModel:
        """What tokens go through: all rows of the first copy, then as many of the next."""
        base: PreTrainedModel = self.model.get_base_model()
        return base

    def begin_at(self, copy: int, adapter: Path) -> None:
        """Let a copy begin as an adapter that was written before."""
        set_peft_model_state_dict(self.model, load_file(adapter / ADAPTER))
        for weight, own in zip(self.weights, _weights(self.model), strict=True):
            weight.data[copy] = own.data.t()

    def clip(self, norm: float) -> None:
        """Scale every copy's gradient down to ``norm``, each by itself."""
        grads = [weight.grad for weight in self.weights if weight.grad is not None]
        norms = torch.cat([grad.flatten(1) for grad in grads], dim=1).norm(dim=1)
        scales = (norm / (norms + 1e-6)).clamp(max=1.0)  # as torch's clip_grad_norm_
        for grad in grads:
            grad.mul_(scales[:, None, None])

    def write(self, copy: int, adapter: Path) -> None:
        """Save one copy as a PEFT adapter. Raises ``AuditError`` if it cannot be written."""
        for weight, own in zip(self.weights, _weights(self.model), strict=True):
            own.data.copy_(weight.data[copy].t())
        with room_for(adapter):
            self.model.save_pretrained(str(adapter), safe_serialization=True)

    def release(self) -> None:
        """The engine's base is itself again, and nothing holds the copies."""
        for layer in _layers(self.model):
            del layer.forward  # it knows the layer, which would keep both
        self.weights = []
        self._engine.base = self.model.unload()


def _with_lora(engine: HfEngine, recipe: Recipe, seed: int) -> PeftModel:
    config = LoraConfig(
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules="all-linear",
        lora_dropout=0.0,
        bias="none",
        task_type="CAUSAL_LM",
        # GPT-2's layers hold their weights the other way round.
        fan_in_fan_out=any(isinstance(layer, Conv1D) for layer in engine.base.modules()),
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return get_peft_model(engine.base, config)


def _first_weights(engine: HfEngine, recipe: Recipe, seed: int) -> list[Tensor]:
    model = _with_lora(engine, recipe, seed)
    weights = [weight.data for weight in _weights(model)]
    engine.base = model.unload()
    return weights


def _layers(model: PeftModel) -> list[Linear]:
    return [layer for layer in model.modules() if isinstance(layer, Linear)]


def _weights(model: PeftModel) -> list[nn.Parameter]:
    """A and B of every layer of the model's one adapter."""
    [name] = model.peft_config
    return [part[name].weight for layer in _layers(model) for part in (layer.lora_A, layer.lora_B)]


def _folded(layer: Linear, down: Tensor, up: Tensor, inputs: Tensor) -> Tensor:
    """x (W + s A B)."""
    weight = torch.baddbmm(layer.base_layer.weight.t(), down, up, alpha=_scaling(layer))
    own = inputs.reshape(len(down), -1, inputs.shape[-1])
    bias = layer.base_layer.bias
    outputs = torch.bmm(own, weight) if bias is None else torch.baddbmm(bias, own, weight)
    return outputs.reshape(*inputs.shape[:-1], -1)


def _beside(layer: Linear, down: Tensor, up: Tensor, inputs: Tensor) -> Tensor:
    """x W + s (x A) B, in the base's data type."""
    outputs = layer.base_layer(inputs)
    copies, dtype = len(down), outputs.dtype
    low = torch.bmm(inputs.reshape(copies, -1, inputs.shape[-1]), down.to(dtype))
    own = outputs.reshape(copies, -1, outputs.shape[-1])
    return torch.baddbmm(own, low, up.to(dtype), alpha=_scaling(layer)).reshape(outputs.shape)


def _scaling(layer: Linear) -> float:
    [scaling] = layer.scaling.values()
    return float(scaling)
