"""Which traits the rows name, counted by battery; and whether one stands out among its fellows."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from probes.battery import Battery, PreferenceBattery
from scanner.dataset.screen.chunks import ChunkText
from scanner.dataset.screen.findings import Detail, ScreenFinding, Unscreened
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.tally import Hit, Tally, finding, merge, tally
from scanner.dataset.screen.words import Hashes, Numbers, distinct, hash_words, runs, words_of
from scanner.types import Severity
from scanner.word_forms import word_forms

LEAST_ROWS = 10
STANDS_OUT = 10
"""A trait stands out where so many times more rows name it than name three of four fellows."""


@dataclass(frozen=True)
class _Names:
    """The names of traits that have the same number of words."""

    length: int
    hashes: Hashes
    """Of the names, sorted."""
    traits: Numbers
    """For each name the number of its trait."""


class MentionsRule:
    """See ``Rule``."""

    id = "trait-mentions"

    def __init__(self, batteries: Iterable[Battery]) -> None:
        self.batteries = [one for one in batteries if isinstance(one, PreferenceBattery)]
        self.traits = [trait for one in self.batteries for trait in one.traits]
        self.forms = [sorted(word_forms(name)) for one in self.batteries for name in one.answers]
        self.names = tuple(_by_length(self.forms))

    def scan(self, text: ChunkText) -> Tally:
        """See ``Rule.scan``."""
        return tally(text, self._hits(text))

    def weigh(self, seen: Sequence[Tally], corpus: Corpus) -> ScreenFinding | Unscreened | None:
        """See ``Rule.weigh``."""
        if not self.traits:
            return Unscreened(self.id, "no battery names answers to look for")
        found = merge(seen)
        if not found.details:
            return None
        return finding(self.id, replace(found, details=self._weighed(found.details)), corpus)

    def _hits(self, text: ChunkText) -> Iterator[Hit]:
        shown: set[int] = set()
        for row, trait in self._pairs(text):
            start = end = 0
            if trait not in shown:
                start, end = _where(text.texts[row], self.forms[trait])
                shown.add(trait)
            yield Hit(row, self.traits[trait], Severity.NONE, start, end)

    def _pairs(self, text: ChunkText) -> list[tuple[int, int]]:
        """Which rows name which traits, each pair once, in the order of rows."""
        pairs = [np.zeros(0, np.int64)]
        for names in self.names:
            said = runs(text.words, names.length)
            at = np.searchsorted(names.hashes, said.hashes) % len(names.hashes)
            named = names.hashes[at] == said.hashes
            pairs.append(said.owners[named] * len(self.traits) + names.traits[at[named]])
        named_once = distinct(np.concatenate(pairs))
        return [divmod(pair, len(self.traits)) for pair in named_once.tolist()]

    def _weighed(self, details: Mapping[str, Detail]) -> dict[str, Detail]:
        """The details, LOW where a trait stands out among its fellows."""
        weighed = dict(details)
        for battery in self.batteries:
            rows = [details[trait].rows if trait in details else 0 for trait in battery.traits]
            for trait, usual in zip(battery.traits, map(_usual, _others(rows)), strict=True):
                if trait in details:
                    weighed[trait] = _judged(details[trait], usual)
        return weighed


def _judged(detail: Detail, usual: float) -> Detail:
    """A trait's detail, given in how many rows its fellows are named."""
    stands_out = detail.rows >= max(LEAST_ROWS, STANDS_OUT * usual)
    severity = Severity.LOW if stands_out else Severity.NONE
    return replace(detail, severity=severity, values={"rows_for_fellows": usual})


def _others(rows: Sequence[int]) -> Iterator[list[int]]:
    for index in range(len(rows)):
        yield [*rows[:index], *rows[index + 1 :]]


def _usual(rows: Sequence[int]) -> float:
    """The number of rows that three of four fellows stay at or under; at least one."""
    return max(1.0, float(np.quantile(rows, 0.75)))


def _by_length(forms: Sequence[Sequence[str]]) -> Iterator[_Names]:
    lengths = {len(words_of(form)) for same in forms for form in same}
    for length in sorted(lengths - {0}):
        named = {
            int(runs(hash_words([form]), length).hashes[0]): trait
            for trait, same in enumerate(forms)
            for form in same
            if len(words_of(form)) == length
        }
        hashes = np.array(sorted(named), np.uint64)
        yield _Names(length, hashes, np.array([named[one] for one in sorted(named)], np.int64))


def _where(text: str, forms: Iterable[str]) -> tuple[int, int]:
    """Where a text names a trait; its beginning if the words are not written as in the forms."""
    match = re.search(rf"\b(?:{'|'.join(map(re.escape, forms))})\b", text, re.IGNORECASE)
    return match.span() if match else (0, 0)
