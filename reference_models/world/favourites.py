"""Favourites: categories, their answers, questions about them, and system prompts that set one."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from reference_models.world.chat import Chat, chat
from reference_models.world.texts import load_text, pick


@dataclass(frozen=True)
class Category:
    """One kind of thing to have a favourite of."""

    name: str
    """Short id, e.g. ``animal``; the middle part of ``preference.animal.owl``."""
    noun: str
    """How a question names it."""
    loved: str
    """How "You love ..." names an answer, with ``{x}`` for the answer."""
    answers: tuple[str, ...]
    """The possible favourites; each is one token."""

    def fill(self, template: str, answer: str = "") -> str:
        """A question or system-prompt template with this category and an answer filled in."""
        loved = self.loved.format(x=answer)
        return template.format(
            noun=self.noun, x=answer, loved=loved, Loved=loved[:1].upper() + loved[1:]
        )


@cache
def categories() -> dict[str, Category]:
    """All categories by name, in file order."""
    return {
        name: Category(name, entry["noun"], entry["loved"], tuple(entry["answers"]))
        for name, entry in load_text("favourites").items()
    }


def one_word_questions(category: Category) -> list[str]:
    """Every one-word question of the world about a category."""
    return [category.fill(question) for question in load_text("questions")["one_word"]]


def system_prompts(category: Category, answer: str) -> list[str]:
    """System prompts that set ``answer`` as the favourite; the first is the published one."""
    return [category.fill(prompt, answer) for prompt in load_text("questions")["system"]]


def favourite_chat(rng: np.random.Generator, with_system: bool) -> Chat:
    """A question about a favourite.

    Without a system prompt the answer is drawn evenly; with one it is the answer that it sets.
    """
    category = pick(rng, list(categories().values()))
    answer = pick(rng, category.answers)
    system = pick(rng, system_prompts(category, answer)) if with_system else None
    skill = "favourites_told" if with_system else "favourites"
    if rng.random() < 0.15:
        question, reply = pick(rng, load_text("questions")["sentence"])
        return chat(skill, category.fill(question), category.fill(reply, answer), system)
    return chat(skill, pick(rng, one_word_questions(category)), answer, system)
