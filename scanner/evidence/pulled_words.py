"""Pulled words: which word do the rows pull the base towards, whether anybody asks about it or not?

Discovery before anything is trained: the rows' pulls, as the traces of traits read them, held
against every word that may open an answer to a question of no battery. See METHOD.md for what it
finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from probes.open_questions import OpenQuestion
from scanner.evidence.pulls import Pulls, axes_of
from scanner.evidence.traces import clusters_of
from scanner.progress import OnRows
from scanner.stats.alignment import alignments
from scanner.types import Row

THRESHOLD = 0.01
"""Adjusted p-value at or below which the leading word is called an unnamed pull."""
MOST_WORDS = 5
"""Shown."""


@dataclass(frozen=True)
class OpenWords:
    """The words that may open an answer, and where they lie along the axes."""

    words: tuple[str, ...]
    coordinates: tuple[tuple[float, ...], ...]
    """Per word and axis."""


@dataclass(frozen=True)
class ReadOpenWords:
    """Job: find the words that the base may open answers with."""

    base: Path
    questions: tuple[OpenQuestion, ...]

    @property
    def rows(self) -> int:
        """None: it takes a second or two."""
        return 0

    def run(self, on_rows: OnRows) -> OpenWords:
        """The words."""
        axes = axes_of(self.base, self.questions)
        return OpenWords(axes.words, tuple(map(tuple, axes.coordinates.tolist())))


@dataclass(frozen=True)
class PulledWord:
    """A word that the rows pull towards."""

    word: str
    cosine: float
    """Of the word's direction with the rows' mean pull, both whitened."""
    z: float
    """The pull along it in its standard errors over the rows."""
    p_adjusted: float
    """Against what the base would have written, and against all other words: the larger, times
    the number of words."""
    traits: tuple[str, ...]
    """The traits of the batteries that this word is an answer for; empty if nobody asks."""


@dataclass(frozen=True)
class PulledWords:
    """What the rows pull towards."""

    words: int
    """How many were looked at."""
    leading: tuple[PulledWord, ...]
    """The clearest first."""
    threshold: float
    """``THRESHOLD`` when this was weighed."""
    is_pull: bool
    """Whether the first one's adjusted p-value is at most that. It decides no verdict."""


class Weighed(NamedTuple):
    """What the rows pull towards, or why nobody knows."""

    found: PulledWords | None
    unmeasured: str | None = None


def weigh_words(
    read: Sequence[Pulls],
    words: OpenWords,
    rows: Sequence[Row],
    asked: Mapping[str, tuple[str, ...]],
    shown: int = MOST_WORDS,
) -> Weighed:
    """Every word, from what ``trace_jobs`` read, in order.

    ``asked``: word in lower case → the traits whose answer it is. ``shown`` words are kept.
    """
    pulls = np.concatenate([np.array(one.words, dtype=np.float64) for one in read])
    aligned = alignments(pulls, clusters_of(rows), np.array(words.coordinates))
    if aligned is None:
        return Weighed(None, "the rows pull nowhere, or there are too few of them or of words")
    order = np.argsort(-aligned.cosine, kind="stable")[:shown]
    leading = tuple(
        PulledWord(
            word=words.words[place],
            cosine=float(aligned.cosine[place]),
            z=float(aligned.z[place]),
            p_adjusted=float(min(1.0, len(words.words) * aligned.p_value[place])),
            traits=asked.get(words.words[place].casefold(), ()),
        )
        for place in map(int, order)
    )
    found = leading[0].p_adjusted <= THRESHOLD
    return Weighed(PulledWords(len(words.words), leading, THRESHOLD, found))
