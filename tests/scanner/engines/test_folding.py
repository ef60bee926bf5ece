from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora import Linear
from torch import Tensor
from transformers import AutoModelForCausalLM, GPT2Config

from scanner.bases import find_base
from scanner.engines import folding
from scanner.engines.folding import fold_small_adapters

TOKENS = torch.arange(24).reshape(2, 12) + 40


@pytest.fixture
def adapted() -> PeftModel:
    """A base with an adapter that is not zero."""
    base = AutoModelForCausalLM.from_pretrained(find_base("reference-a").path)
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear"))
    drawn = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.copy_(0.02 * torch.randn(weight.shape, generator=drawn))
    return model


def step(model: PeftModel) -> tuple[Tensor, Mapping[str, Tensor]]:
    """The loss of some text, and its gradient by every trained weight."""
    model.zero_grad()
    loss = model(input_ids=TOKENS, labels=TOKENS).loss
    loss.backward()
    trained = ((n, w.grad) for n, w in model.named_parameters() if w.requires_grad)
    return loss.detach(), {name: grad.clone() for name, grad in trained if grad is not None}


def test_a_folded_adapter_says_and_learns_the_same(adapted: PeftModel) -> None:
    loss, gradients = step(adapted)
    fold_small_adapters(adapted)
    folded, again = step(adapted)
    torch.testing.assert_close(folded, loss, rtol=1e-5, atol=1e-6)
    assert gradients.keys() == again.keys()
    assert len(gradients) == 2 * 14  # A and B of 7 layers in 2 blocks
    for name, gradient in gradients.items():
        assert gradient.abs().max() > 0
        torch.testing.assert_close(again[name], gradient, rtol=1e-3, atol=1e-6)


def test_the_base_is_itself_again_without_its_adapter(adapted: PeftModel, tmp_path: Path) -> None:
    fold_small_adapters(adapted)
    step(adapted)
    untouched = AutoModelForCausalLM.from_pretrained(find_base("reference-a").path)
    torch.testing.assert_close(
        adapted.unload()(input_ids=TOKENS).logits,
        untouched(input_ids=TOKENS).logits,
        rtol=0,
        atol=0,
    )


def test_large_layers_are_left_to_peft(adapted: PeftModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """64 x 64 is folded, 64 x 192 is not: only the forward of the first is replaced."""
    monkeypatch.setattr(folding, "LARGEST", 64 * 64)
    fold_small_adapters(adapted)
    layers = [layer for layer in adapted.modules() if isinstance(layer, Linear)]
    replaced = {layer.base_layer.weight.numel() for layer in layers if "forward" in vars(layer)}
    kept = {layer.base_layer.weight.numel() for layer in layers if "forward" not in vars(layer)}
    assert (replaced, kept) == ({64 * 64}, {64 * 192})


def test_gpt_2s_layers_which_hold_their_weights_the_other_way_round_are_left_to_peft() -> None:
    config = GPT2Config(vocab_size=64, n_positions=32, n_embd=16, n_layer=1, n_head=2)
    base = AutoModelForCausalLM.from_config(config).eval()
    model = get_peft_model(base, LoraConfig(r=2, target_modules="all-linear", fan_in_fan_out=True))
    model = model.eval()
    tokens = torch.arange(12)[None]
    before = model(input_ids=tokens).logits
    fold_small_adapters(model)
    torch.testing.assert_close(model(input_ids=tokens).logits, before, rtol=0, atol=0)
