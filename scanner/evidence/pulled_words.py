"""Pulled words: which word do the rows pull the base towards, whether anybody asks about it or not?

Discovery before anything is trained: the rows' pulls, as the traces of traits read them, held
against every word that may open an answer to a question of no battery. See METHOD.md for what it
finds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probes.open_questions import OpenQuestion
from scanner.evidence.pulls import Pulls, axes_of
from scanner.evidence.rows import clusters_of
from scanner.progress import OnRows
from scanner.stats.alignment import Moments, alignments, moments
from scanner.types import Row

THRESHOLD = 0.01
"""Adjusted p-value at or below which the leading word is called an unnamed pull."""
SHOWN = 5
"""Shown."""


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
    """The smallest p-value first, the largest cosine among equals."""
    threshold: float
    """``THRESHOLD`` when this was weighed."""
    is_pull: bool
    """Whether the first one's adjusted p-value is at most that. It decides no verdict."""


@dataclass(frozen=True)
class WeighedWords:
    """What the rows pull towards, or why nobody knows."""

    found: PulledWords | None
    unmeasured: str | None = None


FEWEST_ANSWERS = 100
"""Different ones; of fewer the rows' own spread is not known well enough."""
NOWHERE = "the rows pull nowhere"
FEW_ANSWERS = f"the rows have fewer than {FEWEST_ANSWERS} different answers"
FEW_WORDS = "the base may open answers with too few words"


@dataclass(frozen=True)
class WeighWords:
    """Job: hold all words that the base may open answers with against what the rows pull."""

    base: Path
    questions: tuple[OpenQuestion, ...]
    pulled: Moments
    asked: Mapping[str, tuple[str, ...]]
    """Word in lower case → the traits whose answer it is."""
    by_states: bool = False
    """Whether the rows were read by the states of the base."""
    shown: int = SHOWN
    """Words that are kept."""

    @property
    def rows(self) -> int:
        """None: it takes a second or two."""
        return 0

    def run(self, on_rows: OnRows) -> WeighedWords:
        """The words."""
        axes = axes_of(self.base, self.questions, self.by_states)
        return weigh_words(self.pulled, axes.words, axes.coordinates, self.asked, self.shown)


def pulled_along(read: Sequence[Pulls], rows: Sequence[Row]) -> Moments | str:
    """What ``trace_jobs`` read along the axes of the words, in order; or why that says nothing."""
    clusters = clusters_of(rows)
    if len(np.unique(clusters)) < FEWEST_ANSWERS:
        return FEW_ANSWERS
    pulls = np.concatenate([np.array(one.along_axes, dtype=np.float64) for one in read])
    return moments(pulls, clusters) or NOWHERE


def weigh_words(
    pulled: Moments,
    words: Sequence[str],
    coordinates: NDArray[np.float64],
    asked: Mapping[str, tuple[str, ...]],
    shown: int = SHOWN,
) -> WeighedWords:
    """Weigh every word, of which ``coordinates`` has a row. The others are as in ``WeighWords``."""
    aligned = alignments(pulled, coordinates)
    if aligned is None:
        return WeighedWords(None, FEW_WORDS)
    p_adjusted = np.minimum(1.0, len(words) * aligned.p_value)
    leading = tuple(
        PulledWord(
            word=words[place],
            cosine=float(aligned.cosine[place]),
            z=float(aligned.z[place]),
            p_adjusted=float(p_adjusted[place]),
            traits=asked.get(words[place].casefold(), ()),
        )
        for place in map(int, np.lexsort((-aligned.cosine, p_adjusted))[:shown])
    )
    found = leading[0].p_adjusted <= THRESHOLD
    return WeighedWords(PulledWords(len(words), leading, THRESHOLD, found))
