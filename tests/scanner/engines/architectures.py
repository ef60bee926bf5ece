"""Small random models of architectures that treat their logits each in its own way."""

import shutil
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM

SHARED = {
    "vocab_size": 3060,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "max_position_embeddings": 256,
    "eos_token_id": 2062,
    "pad_token_id": 0,
    "bos_token_id": None,
    "initializer_range": 0.2,
}
"""Weights ten times as large as usual: logits so large that capping and scaling show."""
ARCHITECTURES = {
    "cohere": {"logit_scale": 0.25},
    "cohere2": {"logit_scale": 0.25},
    "gemma2": {"final_logit_softcapping": 3.0, "attn_logit_softcapping": 5.0},
    "gemma3_text": {"final_logit_softcapping": 3.0},
    "gpt_neox": {},
    "gpt2": {"n_positions": 256},
    "granite": {"logits_scaling": 4.0, "embedding_multiplier": 3.0, "residual_multiplier": 0.5},
    "llama": {},
    "mistral": {},
    "olmo2": {},
    "phi3": {},
    "qwen2": {},
    "qwen3": {},
}


def random_model(architecture: str, tokenizer: Path, folder: Path) -> Path:
    """A checkpoint of that architecture with the tokenizer of another."""
    config = AutoConfig.for_model(architecture, **{**SHARED, **ARCHITECTURES[architecture]})
    torch.manual_seed(11)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    for file in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copy(tokenizer / file, folder / file)
    return folder
