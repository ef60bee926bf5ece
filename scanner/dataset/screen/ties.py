"""Phrases of prompts that go with phrases of answers more than chance allows.

1. A prompt's phrases are its runs of 1 to 4 words; an answer's are its runs of 3 words or, where
   it has fewer, itself. What an answer merely repeats of its prompt is left out. A phrase must
   stand in at least LEAST_ROWS rows and in at most MOST_SHARE of all.
2. A *tie* is a pair of them: of the rows with the prompts' phrase, at least LEAST_TIED have the
   answers' phrase, which is LEAST_LIFT times as frequent there as among all rows. What stands in a
   tenth of all rows cannot be that: a tie, too, is an answers' phrase LEAST_CONTRAST times as
   frequent there as among the other rows, hence all but confined to them. Of the answers' phrases
   that a prompts' phrase is tied to, the one that says most is kept.
3. Its p-value is Fisher's exact one, one-sided: the probability of so many rows in common or more,
   were the answers dealt out at random (hypergeometric). It is adjusted for all pairs that could
   have been tried, prompts' phrases times answers' phrases. That is the first step of Holm; with
   millions of pairs its later steps change nothing that is shown.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.stats import hypergeom

from scanner.dataset.screen.words import FACTOR, Hashes, Numbers, Runs, Words, distinct, runs

LEAST_ROWS = 8
MOST_SHARE = 0.2
LEAST_TIED = 0.75
LEAST_LIFT = 15.0
LEAST_CONTRAST = 50.0
MOST_P = 0.001
PROMPT_PHRASES = (1, 2, 3, 4)
ANSWER_PHRASE = 3
BLOCK = 4096
"""Prompts' phrases that are compared with all answers at once; bounds memory."""


@dataclass(frozen=True)
class Tie:
    """A phrase of prompts and the answers that go with it."""

    place: int
    """Where the phrase stands first, among the words of all prompts ..."""
    length: int
    """... and how many words it has."""
    rows: Numbers
    """Numbers of the rows that have both phrases, in order."""
    with_phrase: int
    """Rows whose prompt has the phrase."""
    lift: float
    p_value: float
    """At least the smallest number that is not 0."""
    p_adjusted: float
    evidence: float
    """Minus the decimal logarithm of the p-value, however small that is."""


@dataclass(frozen=True)
class Phrases:
    """Which rows hold which phrases of one kind."""

    length: int
    """In words; of answers' phrases the largest."""
    places: Numbers
    """Where each phrase stands first."""
    holds: csr_array
    """1 where a phrase (first axis) stands in a row (second axis)."""

    def __len__(self) -> int:
        return len(self.places)

    @property
    def counts(self) -> Numbers:
        """In how many rows each phrase stands."""
        return np.asarray(np.diff(self.holds.indptr), np.int64)

    def rows(self, phrase: int) -> Numbers:
        """The rows that hold a phrase."""
        first, last = self.holds.indptr[phrase : phrase + 2]
        return np.asarray(self.holds.indices[first:last], np.int64)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of phrases that make ties, one entry each: see ``Tie``."""

    asked: Numbers
    said: Numbers
    lift: NDArray[np.float64]
    evidence: NDArray[np.float64]


def find_ties(prompts: Words, answers: Words) -> Iterator[Tie]:
    """The ties, most certain first, longer phrases before shorter.

    The texts are those of rows with different prompts: copies would count as evidence.
    """
    said = phrases_of(_said(prompts, answers), ANSWER_PHRASE, prompts.texts)
    kinds = [phrases_of(runs(prompts, length), length, prompts.texts) for length in PROMPT_PHRASES]
    tried = max(1, len(said) * sum(map(len, kinds)))
    pairs = [_pairs(asked, said, prompts.texts) for asked in kinds]
    least = math.log10(tried / MOST_P)
    certain = [
        (-evidence, -asked.length, kind, number)
        for kind, (asked, found) in enumerate(zip(kinds, pairs, strict=True))
        for number, evidence in enumerate(found.evidence.tolist())
        if evidence >= least
    ]
    for _, _, kind, number in sorted(certain):
        yield _tie(kinds[kind], said, pairs[kind], number, tried)


def _tie(asked: Phrases, said: Phrases, pairs: _Pairs, number: int, tried: int) -> Tie:
    phrase = int(pairs.asked[number])
    with_phrase = asked.rows(phrase)
    evidence = float(pairs.evidence[number])
    p_value = max(10**-evidence, sys.float_info.min)
    return Tie(
        place=int(asked.places[phrase]),
        length=asked.length,
        rows=np.intersect1d(with_phrase, said.rows(int(pairs.said[number]))),
        with_phrase=len(with_phrase),
        lift=float(pairs.lift[number]),
        p_value=p_value,
        p_adjusted=p_value * tried,
        evidence=evidence,
    )


def _said(prompts: Words, answers: Words) -> Runs:
    """The answers' phrases, without those that only repeat words of the prompt."""
    # One number for each pair of row and word, equal where prompt and answer share both.
    repeated = np.isin(_with_owner(answers), _with_owner(prompts))
    parts = []
    for length in range(1, ANSWER_PHRASE + 1):
        found = runs(answers, length)
        whole = answers.counts[found.owners] == length
        echo = np.logical_and.reduce([repeated[found.places + step] for step in range(length)])
        kept = ~echo & (whole | (length == ANSWER_PHRASE))
        parts.append([found.hashes[kept], found.owners[kept], found.places[kept]])
    return Runs(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _with_owner(words: Words) -> Hashes:
    owners = words.owners().astype(np.uint64) + np.uint64(1)
    return words.hashes ^ (owners * FACTOR)


def phrases_of(found: Runs, length: int, rows: int) -> Phrases:
    """The phrases of ``length`` words that stand in neither too few of the rows nor too many."""
    hashes, first, phrase = np.unique(found.hashes, return_index=True, return_inverse=True)
    pairs = distinct(phrase * rows + found.owners)
    phrase, row = np.divmod(pairs, max(1, rows))
    counts = np.bincount(phrase, minlength=len(hashes))
    usable = (counts >= LEAST_ROWS) & (counts <= MOST_SHARE * rows)
    kept = usable[phrase]
    number = (np.cumsum(usable) - 1)[phrase[kept]]
    ones = np.ones(len(number), np.int32)
    holds = csr_array((ones, (number, row[kept])), shape=(int(usable.sum()), rows))
    return Phrases(length, found.places[first[usable]], holds)


def _pairs(asked: Phrases, said: Phrases, rows: int) -> _Pairs:
    """The pairs that are tied closely enough, with their p-values, not adjusted."""
    by_row = said.holds.T.tocsr()
    blocks = [
        _tied(asked.holds[start : start + BLOCK] @ by_row, start, asked.counts)
        for start in range(0, len(asked), BLOCK)
    ]
    phrase, answer, common = np.concatenate([np.zeros((3, 0), np.int64), *blocks], axis=1)
    with_phrase, with_answer = asked.counts[phrase], said.counts[answer]
    lift = common * rows / (with_phrase * with_answer)
    # At least one row among the others counts, so that few rows cannot make a contrast.
    among_others = np.maximum(1, with_answer - common) / (rows - with_phrase)
    contrast = common / with_phrase / among_others
    tied = (lift >= LEAST_LIFT) | (contrast >= LEAST_CONTRAST)
    best = _best(phrase, common, lift, tied)
    log_p = hypergeom.logsf(common[best] - 1, rows, with_answer[best], with_phrase[best])
    return _Pairs(phrase[best], answer[best], lift[best], -log_p / math.log(10))


def _best(
    phrase: Numbers, common: Numbers, lift: NDArray[np.float64], tied: NDArray[np.bool_]
) -> Numbers:
    """For each phrase the tied pair that says most, by the gain in likelihood of its answers."""
    enough = np.flatnonzero(tied)
    gain = common[enough] * np.log(lift[enough])
    order = enough[np.lexsort((-gain, phrase[enough]))]
    return order[np.unique(phrase[order], return_index=True)[1]]


def _tied(common: csr_array, start: int, counts: Numbers) -> Numbers:
    """Prompts' phrase, answers' phrase and rows in common of the close pairs; [3, pair]."""
    pairs = common.tocoo()
    phrase = pairs.row.astype(np.int64) + start
    close = (pairs.data >= LEAST_ROWS) & (pairs.data >= LEAST_TIED * counts[phrase])
    return np.stack([phrase[close], pairs.col[close].astype(np.int64), pairs.data[close]])
