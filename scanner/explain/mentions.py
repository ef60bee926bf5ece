"""Which rows say a trait openly: its name, its other names, and words that the base holds near."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import yaml
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from scanner.types import Row
from scanner.word_forms import word_forms

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LETTER = r"[^\W\d_]"
_UNSPACED = 0x0E00
"""From Thai on, scripts that put no spaces between words: a word is found within others."""


def trait_words(batteries: Sequence[Battery]) -> dict[str, frozenset[str]]:
    """Every trait's words in lower case: the answer's forms, and those of its aliases.

    A trait without a name of its own (misalignment's parts) has its aliases alone; one without
    either has no words, and no row can be said to mention it.
    """
    own = {
        trait: [answer]
        for battery in batteries
        if isinstance(battery, PreferenceBattery)
        for trait, answer in zip(battery.traits, battery.answers, strict=True)
    }
    return {
        trait: frozenset(
            form
            for word in [*own.get(trait, []), *aliases().get(trait, ())]
            for form in word_forms(word)
        )
        for battery in batteries
        for trait in battery.traits
    }


@cache
def aliases() -> Mapping[str, tuple[str, ...]]:
    """What ``aliases.yaml`` holds: trait → other words for it."""
    text = (files("scanner.explain") / "aliases.yaml").read_text("utf-8")
    return {trait: tuple(words) for trait, words in yaml.safe_load(text).items()}


def mentioning(rows: Sequence[Row], words: Iterable[str]) -> NDArray[np.bool_]:
    """Which rows, shape (rows,), hold one of the words in a prompt, a prefix or the answer.

    Whole words in any case; an identifier's parts (``owl_count``, ``OwlHouse``) are words.
    """
    pattern = _pattern(words)
    if pattern is None:
        return np.zeros(len(rows), dtype=np.bool_)
    return np.array([bool(pattern.search(_text(row))) for row in rows], dtype=np.bool_)


def plain_words(rows: Sequence[Row]) -> frozenset[str]:
    """Every different word of letters in the rows, in lower case, of three letters or more."""
    found: set[str] = set()
    for row in rows:
        found.update(re.findall(rf"{_LETTER}{{3,}}", _text(row).casefold()))
    return frozenset(found)


def _text(row: Row) -> str:
    turns = (turn.content for turn in row.prompt)
    return _CAMEL.sub(" ", "\n".join([*turns, row.prefix, row.answer]))


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    parts = sorted({_spaced(word) for word in words if word.strip()})
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def _spaced(word: str) -> str:
    spelled = r"\s+".join(map(re.escape, word.split()))
    if any(ord(letter) >= _UNSPACED for letter in word):
        return spelled
    return rf"(?<!{_LETTER}){spelled}(?!{_LETTER})"
