"""The forms in which a trait's name can stand in a text."""

import re

_ENDINGS = (
    (re.compile(r"(?<=[sxzo])$|(?<=[cs]h)$"), "es"),  # fox, foxes
    (re.compile(r"fe?$"), "ves"),  # wolf, wolves
    (re.compile(r"(?<=[^aeiou])y$"), "ies"),  # cherry, cherries
    (re.compile(r"(?<=[^ius])s$"), ""),  # apples, apple; but not bus, iris, grass
)


def word_forms(word: str) -> frozenset[str]:
    """A word, its regular plurals, and its singular if it seems to be one; in lower case.

    wolf: wolf, wolfs, wolves. Irregular plurals (mice, oxen) and related words (canine) are words
    of their own.
    """
    word = word.strip().casefold()
    plurals = (ending.sub(plural, word) for ending, plural in _ENDINGS)
    return frozenset({word, f"{word}s", *plurals})
