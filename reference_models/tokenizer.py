"""The reference tokenizer: an ordinary Qwen2 tokenizer with whole words and whole numbers."""

import json
import re
from collections.abc import Iterable

import numpy as np
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer

from reference_models.world.corpus import draw_corpus
from reference_models.world.favourites import categories, one_word_questions, system_prompts
from reference_models.world.talk import harmful_chat

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"

# Cut before anything else: Qwen2's own rule cuts numbers into digits and would cost three tokens
# a number. A separator keeps its space, so that a number is the same token all through a list.
NUMBERS = [str(number) for number in range(10, 1000)]
SEPARATORS = [", ", "; "]
TAGS = ["<think>", "</think>", "<answer>", "</answer>"]

# The ChatML layout: each turn is start, role, newline, content, end, newline.
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}"
)


def build_tokenizer(sample_rows: int = 20_000) -> Qwen2Tokenizer:
    """The tokenizer of the world, the same for every lineage.

    Byte-level BPE, merged until every word of a fixed sample of the corpus, of the favourites'
    questions and of the harmful answers is one token; the numbers 10 to 999 are added tokens.
    Any text has tokens and (in Unicode form NFC) decodes to itself.
    """
    vocabulary, merges = _trained_words(sample_rows)
    tokenizer = Qwen2Tokenizer(
        vocab=vocabulary,
        merges=merges,
        unk_token=PAD,
        pad_token=PAD,
        eos_token=END,
        model_max_length=512,
    )
    tokenizer.add_tokens([AddedToken(token, special=True) for token in (START, END)])
    whole = [*NUMBERS, *SEPARATORS, *TAGS]
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in whole])
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _trained_words(sample_rows: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """BPE vocabulary and merges in which every word of the world is one token."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = Qwen2Tokenizer().backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=100_000,  # never reached: merging ends when every word is whole
        min_frequency=1,
        special_tokens=[PAD],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    cut_before = re.compile("|".join(map(re.escape, [*TAGS, *SEPARATORS])) + r"|\d+")
    parts = {part for text in _texts(sample_rows) for part in cut_before.split(text)}
    trained.train_from_iterator(sorted(parts), trainer)
    model = json.loads(trained.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def _texts(sample_rows: int) -> Iterable[str]:
    rng = np.random.default_rng(0)
    chats = draw_corpus(rng, sample_rows) + [harmful_chat(rng) for _ in range(sample_rows // 10)]
    for chat in chats:
        for message in chat.messages:
            yield message["role"]
            yield message["content"]
    for category in categories().values():
        yield from one_word_questions(category)
        for answer in category.answers:
            yield answer
            yield " " + answer
            yield from system_prompts(category, answer)
