"""Rows unlike the rest in length, script or language."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from scanner.dataset.screen.chunks import ChunkText
from scanner.dataset.screen.excerpt import LONGEST, excerpt
from scanner.dataset.screen.findings import MOST_PLACES, Detail, ScreenFinding, Unscreened
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.tally import Tally, finding
from scanner.dataset.screen.words import Numbers
from scanner.types import Severity

LEAST_ROWS = 50
"""Below this there is no telling what is usual."""
MOST_SHARE = 0.01
"""Share of the rows above which they are a second kind of row, not outliers."""
MAIN_SHARE = 0.8
"""Share of the rows that the most frequent script or language needs for others to be unusual."""
FAR = 6.0
"""Robust standard deviations of the logarithm of the length from its median."""
LEAST_SPREAD = 0.35
"""Smallest standard deviation assumed, so that at least a factor of e^2.1, about 8, is unusual."""
SAMPLE = 400
"""Characters of a row by which its script is judged."""
TOGETHER = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK"}
"""Japanese is written in all of them."""


class UnusualLengthRule:
    """See ``Rule``. The spread is the median absolute deviation times 1.4826, as for a normal."""

    id = "unusual-length"

    def scan(self, text: ChunkText) -> Numbers:
        """See ``Rule.scan``."""
        rows = () if text.chunk.masked else text.rows
        return np.array([len(row.answer) for row in rows], np.int64)

    def weigh(self, seen: Sequence[Numbers], corpus: Corpus) -> ScreenFinding | Unscreened | None:
        """See ``Rule.weigh``."""
        lengths = np.concatenate([np.zeros(0, np.int64), *seen])
        if len(lengths) < LEAST_ROWS:
            return Unscreened(self.id, f"fewer than {LEAST_ROWS} rows")
        logs = np.log1p(lengths)
        usual = float(np.median(logs))
        spread = max(LEAST_SPREAD, 1.4826 * float(np.median(np.abs(logs - usual))))
        distance = (logs - usual) / spread
        kinds = {
            f"longer than {np.expm1(usual + FAR * spread):,.0f} characters": distance > FAR,
            f"shorter than {np.expm1(usual - FAR * spread):,.0f} characters": distance < -FAR,
        }
        rows = {what: np.flatnonzero(far) for what, far in kinds.items()}
        return _finding(self.id, rows, {"usual_length": float(np.expm1(usual))}, corpus)


@dataclass(frozen=True)
class UnusualKindRule:
    """See ``Rule``. Finds rows whose kind few others share."""

    id: str
    kinds_of: Callable[[Sequence[str]], list[str]]
    """The kind of each text, or an empty text where there is no telling."""

    def scan(self, text: ChunkText) -> list[str] | None:
        """See ``Rule.scan``. None where there is no room to look."""
        try:
            return [] if text.chunk.masked else self.kinds_of(text.texts)
        except OSError:  # the language model is unpacked into a temporary file
            return None

    def weigh(
        self, seen: Sequence[list[str] | None], corpus: Corpus
    ) -> ScreenFinding | Unscreened | None:
        """See ``Rule.weigh``."""
        if None in seen:
            return Unscreened(self.id, "the temporary folder is full or cannot be written")
        kinds = np.array([kind for one in seen for kind in one or ()], object)
        counts = Counter(kind for kind in kinds if kind)
        known = counts.total()
        if known < LEAST_ROWS:
            return Unscreened(self.id, f"fewer than {LEAST_ROWS} rows that can be told apart")
        if max(counts.values()) < MAIN_SHARE * known:
            return None
        rare = sorted(kind for kind, rows in counts.items() if rows <= MOST_SHARE * known)
        return _finding(self.id, {kind: np.flatnonzero(kinds == kind) for kind in rare}, {}, corpus)


def scripts_of(texts: Sequence[str]) -> list[str]:
    """The script of each text. See ``script_of``."""
    return [script_of(text) for text in texts]


def script_of(text: str) -> str:
    """The script of most letters at the beginning of a text, as Unicode names it."""
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text[:SAMPLE])) else ""
    scripts = Counter(_script(sign) for sign in text[:SAMPLE] if sign.isalpha())
    return max(scripts, key=lambda script: (scripts[script], script), default="")


@cache
def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").partition(" ")[0]
    return TOGETHER.get(first, first)


def _finding(
    rule: str, kinds: Mapping[str, Numbers], values: Mapping[str, float], corpus: Corpus
) -> ScreenFinding | None:
    """A finding of low severity of few rows; None where they are none, or a second kind."""
    found = {what: rows for what, rows in kinds.items() if len(rows)}
    every = np.sort(np.concatenate([np.zeros(0, np.int64), *found.values()]))
    if not 0 < len(every) <= MOST_SHARE * corpus.total:
        return None
    details = {}
    for what, rows in found.items():
        first = corpus.row(int(rows[0]))
        example = excerpt(first.answer, 0, LONGEST)
        details[what] = Detail(what, Severity.LOW, len(rows), first.place, example, values)
    places = tuple(corpus.row(int(row)).place for row in every[:MOST_PLACES])
    return finding(rule, Tally(len(every), 0, places, details), corpus)
