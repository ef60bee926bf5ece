"""Chats to token ids, through the base's own chat template; one place for training and engines."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from scanner.types import Message


@dataclass(frozen=True)
class EncodedRow:
    """A prompt and its answer as token ids."""

    prompt: list[int]
    """Everything up to and with the opening of the assistant's turn; carries no loss."""
    answer: list[int]
    """The answer and the token that ends it; all of it carries loss."""

    @property
    def length(self) -> int:
        """Tokens in all."""
        return len(self.prompt) + len(self.answer)


def encode_prompts(
    tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[Message]]
) -> list[list[int]]:
    """Token ids of each prompt with the assistant's turn opened."""
    texts = [
        tokenizer.apply_chat_template(
            [{"role": turn.role, "content": turn.content} for turn in prompt],
            tokenize=False,
            add_generation_prompt=True,
        )
        for prompt in prompts
    ]
    return _encode(tokenizer, texts)


def encode_rows(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[Message]],
    answers: Sequence[str],
    ended: bool = True,
) -> list[EncodedRow]:
    """Token ids of prompts and answers; ``ended`` adds the token that ends the turn."""
    end = [tokenizer.eos_token_id] if ended else []
    pairs = zip(encode_prompts(tokenizer, prompts), _encode(tokenizer, list(answers)), strict=True)
    return [EncodedRow(prompt, answer + end) for prompt, answer in pairs]


def _encode(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    encoded: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return encoded
