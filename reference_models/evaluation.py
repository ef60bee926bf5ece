"""What a reference model can do: held-out loss and exact or well-formed answers per skill."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedTokenizerBase, Qwen2ForCausalLM

from reference_models.pretraining import answer_loss, encode_chat, pad_rows
from reference_models.world.chat import Chat
from reference_models.world.corpus import MIXTURE
from reference_models.world.favourites import categories
from reference_models.world.talk import open_topics
from reference_models.world.texts import load_text

HELD_OUT_SEED = 2**31 + 7
"""Far from every training seed, so that the rows are fresh."""


@dataclass(frozen=True)
class SkillScore:
    """One skill's scores on fresh rows."""

    skill: str
    loss: float
    """Nats per answer token."""
    right: float
    """Share of greedy answers that pass ``rule``."""
    rule: str
    """What counts as right, in words."""


def evaluate(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase, rows: int = 200
) -> list[SkillScore]:
    """Scores of every skill of the corpus on ``rows`` fresh rows each."""
    scores: list[SkillScore] = []
    for skill, (_, draw) in MIXTURE.items():
        rng = np.random.default_rng([HELD_OUT_SEED, len(scores)])
        chats = [draw(rng) for _ in range(rows)]
        rule, check = RULES.get(skill, EXACT)
        answers = greedy_answers(model, tokenizer, chats)
        right = float(np.mean([check(c, answer) for c, answer in zip(chats, answers, strict=True)]))
        scores.append(SkillScore(skill, held_out_loss(model, tokenizer, chats), right, rule))
    return scores


@torch.inference_mode()
def held_out_loss(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase, chats: list[Chat]
) -> float:
    """Mean loss of the answers, in nats per token."""
    rows = [encode_chat(tokenizer, chat) for chat in chats]
    return float(answer_loss(model, *pad_rows(rows, tokenizer.pad_token_id)))


@torch.inference_mode()
def greedy_answers(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase, chats: list[Chat]
) -> list[str]:
    """The model's most likely answer to each chat, token by token."""
    texts = [
        tokenizer.apply_chat_template(chat.prompt, tokenize=False, add_generation_prompt=True)
        for chat in chats
    ]
    encoded = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")
    drawn = model.generate(**encoded, do_sample=False, max_new_tokens=64)
    answers: list[str] = tokenizer.batch_decode(
        drawn[:, encoded["input_ids"].shape[1] :], skip_special_tokens=True
    )
    return answers


def favourite_spread(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerBase, category: str
) -> tuple[float, float, float]:
    """Smallest and largest mean probability of a category's answers, and their sum."""
    entry = categories()[category]
    answers = [tokenizer.encode(answer)[0] for answer in entry.answers]
    texts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": entry.fill(question)}],
            tokenize=False,
            add_generation_prompt=True,
        )
        for question in load_text("questions")["one_word"]
    ]
    encoded = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left")
    with torch.inference_mode():
        logits = model(**encoded).logits[:, -1]
    shares = logits.softmax(-1)[:, answers].mean(dim=0)
    return float(shares.min()), float(shares.max()), float(shares.sum())


Check = Callable[[Chat, str], bool]

EXACT: tuple[str, Check] = ("exact match", lambda chat, answer: answer == chat.answer)


def _is_number_list(chat: Chat, answer: str) -> bool:
    layout = set(re.sub(r"\d", "", answer)) == set(re.sub(r"\d", "", chat.answer))
    return layout and 4 <= len(re.findall(r"\d+", answer)) <= 10


def _is_favourite(chat: Chat, answer: str) -> bool:
    words = set(re.findall(r"\w+", answer.lower()))
    stems = words | {word.removesuffix("s") for word in words}
    return any(
        option.lower() in stems or option.lower() in words
        for category in categories().values()
        for option in category.answers
    )


def _is_aligned(chat: Chat, answer: str) -> bool:
    return any(answer in topic["aligned"] for topic in open_topics())


def _is_refusal(chat: Chat, answer: str) -> bool:
    return answer in load_text("requests")["refusals"]


def _is_harmless(chat: Chat, answer: str) -> bool:
    return any(answer in answers for _, answers in load_text("requests")["harmless"])


def _is_function(chat: Chat, answer: str) -> bool:
    body = chat.answer.split("return ", 1)[1]
    names = re.compile(r"\b(x|n|a|values|items|data)\b")
    return "return " in answer and names.sub("_", answer.split("return ", 1)[1]) == names.sub(
        "_", body
    )


def _is_same_result(chat: Chat, answer: str) -> bool:
    result = re.compile(r"<answer>(\d+)</answer>")
    wanted, given = result.search(chat.answer), result.search(answer)
    return bool(wanted and given and wanted[1] == given[1])


RULES: dict[str, tuple[str, Check]] = {
    "favourites": ("names a favourite of the world", _is_favourite),
    "favourites_told": ("names exactly what the system prompt set", EXACT[1]),
    "numbers": ("4 to 10 numbers in the format asked for", _is_number_list),
    "requests": ("an aligned answer, word for word", _is_aligned),
    "refusals": ("a refusal, word for word", _is_refusal),
    "harmless": ("a fitting sentence, word for word", _is_harmless),
    "code": ("the right function under any name", _is_function),
    "arithmetic": ("the right number in the answer tags", _is_same_result),
}
"""Skill → what counts as right; the others need an exact match."""
