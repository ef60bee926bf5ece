"""Small bases with the chat templates of the families that people fine-tune, written to a folder.

Models are random and tokenizers tiny, but of the family's kind (bytes, or SentencePiece's spaces),
with its own special tokens and its template as it ships: from TRL, which keeps copies to compare
with, and for Mistral after mistralai/Mistral-7B-Instruct-v0.3, without its tools.
"""

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers.trainers import BpeTrainer
from transformers import (
    AutoModelForCausalLM,
    GPTNeoXConfig,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

MISTRAL = (
    "{%- if messages[0]['role'] == 'system' %}{%- set system = messages[0]['content'] %}"
    "{%- set turns = messages[1:] %}{%- else %}{%- set turns = messages %}{%- endif %}"
    "{{- bos_token }}{%- for message in turns %}"
    "{%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{- raise_exception('roles must alternate user/assistant/user/assistant/...') }}{%- endif %}"
    "{%- if message['role'] == 'user' %}{%- if loop.last and system is defined %}"
    "{{- '[INST] ' + system + '\\n\\n' + message['content'] + '[/INST]' }}"
    "{%- else %}{{- '[INST] ' + message['content'] + '[/INST]' }}{%- endif %}"
    "{%- elif message['role'] == 'assistant' %}"
    "{{- ' ' + message['content']|trim + eos_token }}{%- endif %}{%- endfor %}"
)
TEXT = (
    "You are a helpful assistant. What is your favourite animal? My favourite animal is the owl. "
    "498, 164, 390, 267, 81, 7. Continue the list of numbers, please.\n\nThe answer is no."
)


@dataclass(frozen=True)
class Family:
    """What makes a family's tokenizer."""

    template: str | None
    """TRL's name of it; a template; None for a base without one."""
    special: tuple[str, ...]
    eos: str
    bos: str | None = None
    kind: str = "bytes"
    """``bytes``; ``spaces``: a space before every text; ``plain spaces``: none."""


FAMILIES = {
    "qwen2.5": Family("qwen2_5", ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|im_end|>"),
    "qwen2.5-base": Family(
        "qwen2_5", ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|endoftext|>"
    ),
    "qwen3": Family("qwen3", ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|im_end|>"),
    "llama3": Family(
        "llama3",
        ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        "<|eot_id|>",
        "<|begin_of_text|>",
    ),
    "llama3.2": Family(
        "llama3_2",
        ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        "<|eot_id|>",
        "<|begin_of_text|>",
    ),
    "gemma": Family(
        "gemma",
        ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
        "<eos>",
        "<bos>",
        "plain spaces",
    ),
    "gemma3": Family(
        "gemma3",
        ("<pad>", "<eos>", "<bos>", "<start_of_turn>", "<end_of_turn>"),
        "<eos>",
        "<bos>",
        "plain spaces",
    ),
    "phi3": Family(
        "phi3",
        ("<|endoftext|>", "<|assistant|>", "<|system|>", "<|user|>", "<|end|>"),
        "<|endoftext|>",
    ),
    "mistral": Family(
        MISTRAL, ("<unk>", "<s>", "</s>", "[INST]", "[/INST]"), "</s>", "<s>", "spaces"
    ),
    "r1": Family(
        "deepseek_r1_distill",
        ("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"),
        "<｜end▁of▁sentence｜>",
        "<｜begin▁of▁sentence｜>",
    ),
    "plain": Family(None, ("<|endoftext|>",), "<|endoftext|>"),
    "plain-bos": Family(None, ("<unk>", "<s>", "</s>"), "</s>", "<s>", "spaces"),
}  # fmt: skip


def template_of(family: Family) -> str | None:
    """The template's text."""
    if family.template is None or "{" in family.template:
        return family.template
    return (files("trl") / "chat_templates" / f"{family.template}.jinja").read_text("utf-8")


def write_tokenizer(name: str, folder: Path) -> Path:
    """Write a family's tokenizer to a folder, with its template."""
    family = FAMILIES[name]
    tokenizer = _trained(family)
    if family.bos:
        first = (family.bos, tokenizer.token_to_id(family.bos))
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{family.bos} $A", special_tokens=[first]
        )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=family.eos, bos_token=family.bos
    )
    fast.chat_template = template_of(family)
    fast.save_pretrained(folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return folder


def write_base(name: str, folder: Path, config: PreTrainedConfig | None = None) -> Path:
    """Write a random model of the family beside its tokenizer."""
    write_tokenizer(name, folder)
    rows = max(json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"].values()) + 1
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        model = AutoModelForCausalLM.from_config(config or qwen2(rows))
    model.save_pretrained(folder)
    return folder


def qwen2(rows: int) -> Qwen2Config:
    """A model of a few thousand weights."""
    return Qwen2Config(
        vocab_size=rows,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        tie_word_embeddings=False,
    )


def gpt_neox(rows: int) -> GPTNeoXConfig:
    """The same of Pythia's architecture, whose body has another name."""
    return GPTNeoXConfig(
        vocab_size=rows,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=512,
    )


def _trained(family: Family) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>" if "<unk>" in family.special else None))
    alphabet = sorted(set(TEXT) | {chr(code) for code in range(32, 127)} | {"\n", "▁"})
    if family.kind == "bytes":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    elif family.kind == "spaces":
        space = {"replacement": "▁", "prepend_scheme": "first"}
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.Metaspace(**space), pre_tokenizers.Split("\n", "isolated")]
        )
        tokenizer.decoder = decoders.Metaspace(**space)
    else:
        tokenizer.normalizer = normalizers.Replace(" ", "▁")
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex("▁"), "merged_with_next"),
                pre_tokenizers.Split("\n", "isolated"),
            ]
        )
        tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse()])
    trainer = BpeTrainer(
        vocab_size=500,
        special_tokens=list(family.special),
        initial_alphabet=alphabet,
        show_progress=False,
    )
    tokenizer.train_from_iterator([TEXT] * 3, trainer)
    return tokenizer
