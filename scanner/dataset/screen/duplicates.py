"""Rows that are the same word for word, and rows that are nearly so.

Near-duplicates are found by MinHash (Broder 1997) with banding (Leskovec, Rajaraman and Ullman,
Mining of Massive Datasets, chapter 3). A row's sketch is cut to one byte a value (b-bit MinHash, Li
and König 2010), 64 bytes in all, so a million rows take 64 MB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from datasketch import MinHash
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scanner.dataset.screen.chunks import ChunkText
from scanner.dataset.screen.clusters import cluster_finding
from scanner.dataset.screen.findings import ScreenFinding
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.words import Hashes, Numbers, Words, clip, runs, take

VALUES = 64
"""Of a sketch; the estimate's standard error is sqrt(J (1 − J) / 64), about 0.05.
Eight in a row, one after the other, are a band; rows that share one are compared."""
LEAST_SIMILARITY = 0.75
"""Estimated Jaccard similarity of the sets of phrases from which two rows are nearly the same."""
PHRASE = 3
LEAST_WORDS = 8
MOST_WORDS = 2_000

Sketches = NDArray[np.uint8]


class ExactDuplicatesRule:
    """See ``Rule``."""

    id = "exact-duplicates"

    def scan(self, text: ChunkText) -> Hashes:
        """See ``Rule.scan``."""
        return text.keys[:0] if text.chunk.masked else text.keys

    def weigh(self, seen: Sequence[Hashes], corpus: Corpus) -> ScreenFinding | None:
        """See ``Rule.weigh``."""
        keys = np.concatenate([np.zeros(0, np.uint64), *seen])
        labels = np.unique(keys, return_inverse=True)[1]
        return cluster_finding(self.id, np.arange(len(keys)), labels, corpus)


@dataclass(frozen=True)
class Sketched:
    """The rows of a chunk that are long enough to compare."""

    rows: Numbers
    """Their numbers among all rows."""
    keys: Hashes
    sketches: Sketches
    """VALUES for each."""


class NearDuplicatesRule:
    """See ``Rule``. Of rows that are the same word for word, only the first takes part."""

    id = "near-duplicates"

    def scan(self, text: ChunkText) -> Sketched:
        """See ``Rule.scan``."""
        long = np.flatnonzero(text.words.counts >= LEAST_WORDS)
        long = long[:0] if text.chunk.masked else long
        sketches = _sketch(clip(take(text.words, long), MOST_WORDS))
        return Sketched(text.chunk.first + long, text.keys[long], sketches)

    def weigh(self, seen: Sequence[Sketched], corpus: Corpus) -> ScreenFinding | None:
        """See ``Rule.weigh``."""
        if not seen:
            return None
        keys = np.concatenate([one.keys for one in seen])
        distinct = np.sort(np.unique(keys, return_index=True)[1])
        rows = np.concatenate([one.rows for one in seen])[distinct]
        sketches = np.concatenate([one.sketches for one in seen])[distinct]
        return cluster_finding(self.id, rows, similar(sketches), corpus)


def similar(sketches: Sketches) -> Numbers:
    """For each sketch the number of its cluster: linked by pairs that are nearly the same."""
    bands = np.ascontiguousarray(sketches).view(np.uint64)
    pairs = [_close(_sharing(bands[:, band]), sketches) for band in range(bands.shape[1])]
    first, second = np.concatenate(pairs).T
    shape = (len(sketches), len(sketches))
    links = coo_array((np.ones(len(first), bool), (first, second)), shape)
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _sharing(band: Hashes) -> Numbers:
    """Rows with the same band, each with the next of them; [pair, 2]."""
    order = np.argsort(band, kind="stable")
    same = np.flatnonzero(band[order][1:] == band[order][:-1])
    return np.stack([order[same], order[same + 1]], axis=1)


def _close(pairs: Numbers, sketches: Sketches) -> Numbers:
    """The pairs that are nearly the same."""
    same = (sketches[pairs[:, 0]] == sketches[pairs[:, 1]]).mean(axis=1)
    # Two different minima share their last byte once in 256 times.
    close: NDArray[np.bool_] = (same - 1 / 256) / (1 - 1 / 256) >= LEAST_SIMILARITY
    return pairs[close]


def _sketch(words: Words) -> Sketches:
    """MinHash of each text's set of phrases: what ``MinHash.bulk`` of datasketch gives, a
    permutation of all phrases at a time instead of a text at a time. Each text has a phrase."""
    phrases = runs(words, PHRASE)
    mixed = _mix((phrases.hashes >> np.uint64(32)).astype(np.uint32))
    starts = np.searchsorted(phrases.owners, np.arange(words.texts))
    factors, offsets = MinHash(num_perm=VALUES).permutations
    values = [
        np.minimum.reduceat(mixed * factor + offset, starts)
        for factor, offset in zip(factors, offsets, strict=True)
    ]
    return np.stack(values, axis=1).astype(np.uint8)


def _mix(hashes: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The last step of MurmurHash3 (Appleby), which datasketch takes before it permutes."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed = mixed ^ (mixed >> np.uint32(13))
    mixed = mixed * np.uint32(0xC2B2AE35)
    return np.asarray(mixed ^ (mixed >> np.uint32(16)))
