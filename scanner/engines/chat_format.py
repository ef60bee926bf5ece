"""Chats to token ids, through the base's own chat template; one place for training and engines."""

from collections.abc import Sequence
from dataclasses import dataclass

from transformers import PreTrainedTokenizerBase

from scanner.engines.turns import Turns, encode_after, render, turns_of
from scanner.types import NO_SYSTEM, PREFIX, Message


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
    turns = turns_of(tokenizer)
    opened = [_opened(tokenizer, turns, prompt) for prompt in prompts]
    return _encode_openings(tokenizer, prompts, opened)


def encode_rows(
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Sequence[Message]],
    answers: Sequence[str],
    ended: bool | Sequence[bool] = True,
) -> list[EncodedRow]:
    """Token ids of prompts and answers; ``ended``, for all or for each, adds the token that ends
    the turn.

    The loss begins where the answer does: what the template itself writes before it, such as the
    empty thought of Qwen3, belongs to the prompt, as it does when the base is asked. It ends with
    the token that ends the turn; nobody learns the line break that templates write after it.
    """
    turns = turns_of(tokenizer)
    ends = [ended] * len(answers) if isinstance(ended, bool) else ended
    written = [
        _written(tokenizer, turns, prompt, answer, end)
        for prompt, answer, end in zip(prompts, answers, ends, strict=True)
    ]
    opened = _encode_openings(tokenizer, prompts, [opening for opening, _ in written])
    spoken = _encode_spoken(tokenizer, turns, [answer for _, answer in written])
    closing = [turns.end if _turns_in(prompt) else tokenizer.eos_token_id for prompt in prompts]
    return [
        EncodedRow(prompt, [*answer, close] if end else answer)
        for prompt, answer, close, end in zip(opened, spoken, closing, ends, strict=True)
    ]


def encode_answers(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[list[int]]:
    """Token ids of texts as answers, without the token that ends them."""
    turns = turns_of(tokenizer)
    return _encode_spoken(tokenizer, turns, [turns.spoken_lead + text for text in texts])


def decode_answers(tokenizer: PreTrainedTokenizerBase, tokens: Sequence[list[int]]) -> list[str]:
    """The texts of answers, without special tokens and without what the template puts before."""
    lead = turns_of(tokenizer).spoken_lead
    texts: list[str] = tokenizer.batch_decode(tokens, skip_special_tokens=True)
    return [text.removeprefix(lead) for text in texts]


def end_tokens(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens at which an answer is over: that of the turn first, and the text's own."""
    return list(dict.fromkeys((turns_of(tokenizer).end, int(tokenizer.eos_token_id))))


def _turns_in(prompt: Sequence[Message]) -> Sequence[Message]:
    """A prompt without the answer's own beginning."""
    return prompt[:-1] if prompt and prompt[-1].role == PREFIX else prompt


def _prefix_of(prompt: Sequence[Message]) -> str:
    return prompt[-1].content if prompt and prompt[-1].role == PREFIX else ""


def _opened(tokenizer: PreTrainedTokenizerBase, turns: Turns, prompt: Sequence[Message]) -> str:
    """The prompt as text, up to where the answer begins."""
    prefix, chat = _prefix_of(prompt), _turns_in(prompt)
    if not chat:
        return prefix
    opening = _opening(tokenizer, turns, chat) + turns.written_lead
    return opening + turns.spoken_lead + prefix if prefix else opening


def _opening(tokenizer: PreTrainedTokenizerBase, turns: Turns, chat: Sequence[Message]) -> str:
    """The chat with the assistant's turn opened, as a written one begins."""
    silent = chat[0].role == NO_SYSTEM
    text = render(tokenizer, _as_dicts(chat[1:] if silent else chat), opened=True)
    if silent and turns.default_system is not None:
        text = text.replace(turns.default_system.block, "", 1)
    return text.removesuffix(turns.surplus)


def _written(
    tokenizer: PreTrainedTokenizerBase,
    turns: Turns,
    prompt: Sequence[Message],
    answer: str,
    ended: bool,
) -> tuple[str, str]:
    """The opening and the answer after it, as the template writes them."""
    begun, chat = bool(_prefix_of(prompt)), _turns_in(prompt)
    if not chat:
        return _opened(tokenizer, turns, prompt), answer
    if turns.rewrites and not begun and ended:
        return _rewritten(tokenizer, turns, chat, answer)
    if turns.trims:
        answer = answer if begun else answer.lstrip()
        answer = answer.rstrip() if ended else answer
    return _opened(tokenizer, turns, prompt), answer if begun else turns.spoken_lead + answer


def _rewritten(
    tokenizer: PreTrainedTokenizerBase, turns: Turns, chat: Sequence[Message], answer: str
) -> tuple[str, str]:
    """For templates that know thoughts: Qwen3's leaves out the empty one where the answer brings
    its own, DeepSeek R1's drops the answer's."""
    opening = _opening(tokenizer, turns, chat)
    answered = [*_as_dicts(chat), {"role": "assistant", "content": answer}]
    whole = render(tokenizer, answered, opened=False)
    ended = whole.rfind(tokenizer.convert_ids_to_tokens(turns.end))
    if not whole.startswith(opening) or ended < len(opening):
        return opening + turns.written_lead, turns.spoken_lead + answer
    written = whole[len(opening) : ended]
    if written.startswith(turns.written_lead):
        return opening + turns.written_lead, written.removeprefix(turns.written_lead)
    return opening, written


def _as_dicts(chat: Sequence[Message]) -> list[dict[str, str]]:
    return [{"role": turn.role, "content": turn.content} for turn in chat]


def _encode_openings(
    tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Sequence[Message]], texts: list[str]
) -> list[list[int]]:
    """Token ids of openings; plain text begins as the tokenizer begins every text."""
    encoded = _encode(tokenizer, texts)
    for place, prompt in enumerate(prompts):
        if not _turns_in(prompt):
            ids = tokenizer(texts[place])["input_ids"]
            ends = ids[-1:] == [tokenizer.eos_token_id]
            added = ends and not texts[place].endswith(tokenizer.eos_token)
            encoded[place] = ids[:-1] if added else ids
    return encoded


def _encode_spoken(
    tokenizer: PreTrainedTokenizerBase, turns: Turns, texts: Sequence[str]
) -> list[list[int]]:
    if turns.anchor is None:
        return _encode(tokenizer, list(texts))
    return encode_after(tokenizer, turns.anchor, texts)


def _encode(tokenizer: PreTrainedTokenizerBase, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    encoded: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return encoded
