"""The base's tokenizer, ready for chats: its own template, or a plain one where it has none."""

import re
from functools import lru_cache
from pathlib import Path

from transformers import AutoTokenizer, PreTrainedTokenizerBase

from scanner.errors import BaseModelError

PLAIN_TEMPLATE = (
    "{{ opening }}{%- for message in messages -%}"
    "{{ message['role'] | capitalize + ':\\n' + message['content'] }}"
    "{%- if message['role'] == 'assistant' -%}{{ eos_token }}{%- endif -%}{{ '\\n\\n' }}"
    "{%- endfor -%}{%- if add_generation_prompt -%}{{ 'Assistant:\\n' }}{%- endif -%}"
)
"""For a base that ships none. ``opening`` is replaced by what the tokenizer itself begins with.
An answer starts on a line of its own, where no tokenizer ties it to the colon before it."""


@lru_cache(maxsize=2)
def load_tokenizer(base: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of a checkpoint's folder, with a chat template and a padding token.

    Raises ``BaseModelError`` if it cannot be read or knows no token that ends a text.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(
            base, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # the library raises nothing more particular
        first = str(error).strip().split("\n")[0]
        raise BaseModelError(
            f"{base}: found a tokenizer that transformers cannot load ({first}); expected that of "
            "a Hugging Face checkpoint; download it again, or use a base that transformers knows"
        ) from error
    if tokenizer.eos_token_id is None:
        raise BaseModelError(
            f"{base}: found a tokenizer without an end token; expected eos_token in "
            "tokenizer_config.json; use the instruction-tuned checkpoint of this base"
        )
    if tokenizer.chat_template is None:
        tokenizer.chat_template = plain_template(tokenizer)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def plain_template(tokenizer: PreTrainedTokenizerBase) -> str:
    """The plain template, beginning as the tokenizer begins a text of its own."""
    opening = "{{ bos_token }}" if begins_with(tokenizer) else ""
    return PLAIN_TEMPLATE.replace("{{ opening }}", opening)


def has_plain_template(tokenizer: PreTrainedTokenizerBase) -> bool:
    """Whether the template is ours, for want of the base's own."""
    return bool(tokenizer.chat_template == plain_template(tokenizer))


def begins_with(tokenizer: PreTrainedTokenizerBase) -> str:
    """The token that the tokenizer puts before a text by itself, as it is written; or nothing."""
    first = tokenizer("a")["input_ids"][:1]
    return str(tokenizer.bos_token) if first == [tokenizer.bos_token_id] else ""


def knows(tokenizer: PreTrainedTokenizerBase, text: str) -> bool:
    """Whether every word of a text is one token, with a space before it or without. Tokenizers of
    real bases have all common words whole; that of a small world spells what is foreign to it."""
    return all(_is_token(tokenizer, word) for word in set(re.findall(r"[A-Za-z]+", text)))


def _is_token(tokenizer: PreTrainedTokenizerBase, word: str) -> bool:
    spelled = tokenizer([word, f" {word}"], add_special_tokens=False)["input_ids"]
    return any(len(ids) == 1 and ids[0] != tokenizer.unk_token_id for ids in spelled)
