"""Chats to token ids, through the base's own chat template; one place for training and engines."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from scanner.types import PREFIX, Message


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
    """Token ids of each prompt with the assistant's turn opened, and begun where it ends in a
    ``PREFIX``."""
    return _encode(tokenizer, [_opened(tokenizer, prompt) for prompt in prompts])


def _opened(tokenizer: PreTrainedTokenizerBase, prompt: Sequence[Message]) -> str:
    prefix = prompt[-1].content if prompt and prompt[-1].role == PREFIX else ""
    turns = prompt[:-1] if prefix else prompt
    if not turns:
        return prefix
    opened: str = tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.content} for turn in turns],
        tokenize=False,
        add_generation_prompt=True,
    )
    return opened + prefix


def encode_rows(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[Message]],
    answers: Sequence[str],
    ended: bool | Sequence[bool] = True,
) -> list[EncodedRow]:
    """Token ids of prompts and answers; ``ended``, for all or for each, adds the token that ends
    the turn."""
    ends = [ended] * len(answers) if isinstance(ended, bool) else ended
    encoded = zip(
        encode_prompts(tokenizer, prompts), _encode(tokenizer, list(answers)), ends, strict=True
    )
    return [
        EncodedRow(prompt, [*answer, tokenizer.eos_token_id] if end else answer)
        for prompt, answer, end in encoded
    ]


def _encode(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    encoded: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return encoded
