"""How a base's chat template writes turns, found out by rendering short chats with it.

Templates differ in what stands between the opened turn and its answer (Mistral: a space; Qwen3: an
empty thought), whether the answer is trimmed, which token ends it (Gemma's is not its
``eos_token``), and whether a chat without a system prompt gets one (Qwen2.5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from transformers import PreTrainedTokenizerBase

from scanner.errors import BaseModelError

TODAY = datetime(2024, 7, 26)
"""The day that templates are told, whatever day it is: an audit must not depend on it. It is the
one that Llama 3.1's template falls back on."""
SYSTEM = "SYSTEM-5d1f"
QUESTION = "QUESTION-7f3a"
ANSWER = "ANSWER-2c8e"
THOUGHT = f"<think>\nTHOUGHT-9b0d\n</think>\n\n{ANSWER}"
"""Contents that no template holds."""
SAMPLES = ("Yes", "owl", "7, 81", "The owl.")
"""Answers to see by whether tokens depend on what stands before."""

Chat = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class DefaultSystem:
    """What the template tells the base where the chat tells it nothing."""

    prompt: str
    """The system prompt."""
    block: str
    """Its whole turn, as it stands at the beginning of a rendered chat."""


@dataclass(frozen=True)
class Turns:
    """How a template writes an assistant's turn, and what it adds to a chat."""

    surplus: str
    """End of an opened turn that a written one lacks (DeepSeek R1's ``<think>``)."""
    lead: str
    """What a written turn has between its opening and the answer."""
    trims: bool
    """Whether white space around an answer is lost."""
    rewrites: bool
    """Whether an answer's own thought is written otherwise than it stands, or dropped."""
    end: int
    """The token that ends an answer."""
    anchor: str | None
    """An opened turn to encode answers after; None where their tokens don't depend on it."""
    default_system: DefaultSystem | None

    @property
    def spoken_lead(self) -> str:
        """The part of the lead that is encoded with the answer: white space before it."""
        return "" if self.lead.strip() else self.lead

    @property
    def written_lead(self) -> str:
        """The part that belongs to the opening: an empty thought, a channel."""
        return self.lead if self.lead.strip() else ""


def turns_of(tokenizer: PreTrainedTokenizerBase) -> Turns:
    """How the tokenizer's template writes turns."""
    return _turns(tokenizer, tokenizer.chat_template)


def render(tokenizer: PreTrainedTokenizerBase, chat: Chat, *, opened: bool) -> str:
    """The chat as the template writes it, on the same day always; ``opened`` adds the opening of
    an assistant's turn.

    Raises ``BaseModelError`` if the template refuses it.
    """
    try:
        text: str = tokenizer.apply_chat_template(
            list(chat),
            tokenize=False,
            add_generation_prompt=opened,
            strftime_now=TODAY.strftime,
        )
    except Exception as error:  # jinja's, or whatever the template's own code runs into
        roles = ", ".join(turn["role"] for turn in chat)
        raise BaseModelError(
            f"the base's chat template: found that it refuses a chat of {roles} ({error}); "
            "expected one that writes the data's chats; use a base whose template does, or put "
            "what it refuses (often a system prompt) into the user's turn"
        ) from error
    return text


@lru_cache(maxsize=4)
def _turns(tokenizer: PreTrainedTokenizerBase, template: str) -> Turns:
    """``template`` is the tokenizer's, so that a changed one is looked at again."""
    question = {"role": "user", "content": QUESTION}
    opened = render(tokenizer, [question], opened=True)
    written = _written(tokenizer, question, ANSWER)
    shared = _shared(opened, written)
    place = written.rfind(ANSWER)
    if place < shared:
        raise BaseModelError(
            "the base's chat template: found that it does not write an assistant's turn as it "
            "stands; expected the answer after the opened turn; use another base"
        )
    surplus, lead = opened[shared:], written[shared:place]
    spoken = "" if lead.strip() else lead
    anchor = opened[:shared] + lead.removesuffix(spoken)
    return Turns(
        surplus=surplus,
        lead=lead,
        trims=f"{ANSWER} " not in _written(tokenizer, question, f" {ANSWER} "),
        rewrites=bool(lead.strip()) or THOUGHT not in _written(tokenizer, question, THOUGHT),
        end=_end(tokenizer, written[place + len(ANSWER) :]),
        anchor=anchor if _depends(tokenizer, anchor, spoken) else None,
        default_system=_default_system(tokenizer, question),
    )


def _written(tokenizer: PreTrainedTokenizerBase, question: Mapping[str, str], answer: str) -> str:
    return render(tokenizer, [question, {"role": "assistant", "content": answer}], opened=False)


def _shared(first: str, second: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(first), len(second)))


def _end(tokenizer: PreTrainedTokenizerBase, tail: str) -> int:
    """The first special token after an answer; the text's end where the template writes none."""
    special = {i for i, token in tokenizer.added_tokens_decoder.items() if token.special}
    written = tokenizer(tail, add_special_tokens=False)["input_ids"]
    return next((token for token in written if token in special), int(tokenizer.eos_token_id))


def _depends(tokenizer: PreTrainedTokenizerBase, anchor: str, lead: str) -> bool:
    """Whether answers have other tokens after an opened turn than by themselves.

    SentencePiece tokenizers begin every text with a space of their own.
    """
    return any(
        tokenizer(text, add_special_tokens=False)["input_ids"]
        != encode_after(tokenizer, anchor, [text])[0]
        for sample in SAMPLES
        for text in {sample, lead + sample}
    )


def encode_after(
    tokenizer: PreTrainedTokenizerBase, anchor: str, texts: Sequence[str]
) -> list[list[int]]:
    """Token ids of texts that stand after ``anchor``."""
    if not texts:
        return []
    before = tokenizer(anchor, add_special_tokens=False)["input_ids"]
    whole = tokenizer([anchor + text for text in texts], add_special_tokens=False)["input_ids"]
    return [
        ids[len(before) :]
        if ids[: len(before)] == before
        else tokenizer(text, add_special_tokens=False)["input_ids"]  # a token across the border
        for text, ids in zip(texts, whole, strict=True)
    ]


def _default_system(
    tokenizer: PreTrainedTokenizerBase, question: Mapping[str, str]
) -> DefaultSystem | None:
    system = {"role": "system", "content": SYSTEM}
    try:
        told = render(tokenizer, [system, question], opened=True)
    except BaseModelError:  # it takes no system prompt
        return None
    silent = render(tokenizer, [question], opened=True)
    before, _, after = told.partition(SYSTEM)
    if not (silent.startswith(before) and silent.endswith(after)):
        return None
    prompt = silent[len(before) : len(silent) - len(after)]
    if not prompt.strip():
        return None
    # The user's turn begins with the last special token before the question.
    head = after[: after.find(QUESTION)]
    marks = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    users = max(head.rfind(mark) for mark in marks)
    if users < 0:
        return None
    begun = str(tokenizer.bos_token or "")
    start = len(begun) if begun and silent.startswith(begun) else 0
    return DefaultSystem(prompt, silent[start : len(before) + len(prompt) + users])
