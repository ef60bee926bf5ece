"""Phrases of prompts whose answers the base would least have given: where a trigger may hide.

A trigger changes answers only where it stands, so nobody who asks without it sees anything, and a
hundredth of the rows leaves no trace in the mean of all. But its rows' answers surprise the base
more than its own answers to the same prompts do. That surprise, candidate's minus twin's, is
explained by phrases, one after the other, each by what the earlier ones leave over (matching
pursuit; Mallat and Zhang 1993, IEEE Transactions on Signal Processing 41). Most phrases found this
way name an honest kind of rows that the base does not know. Whether one is a trigger is asked of
the probes, on the very prompts that have it: ``scanner.ask.OnPrompts``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from scanner.dataset.screen.ties import phrases_of
from scanner.dataset.screen.words import Numbers, Words, clip, clipped_words, hash_words, runs
from scanner.types import Row

LENGTHS = (4, 3, 2, 1)
"""Words of a phrase; of phrases in the same rows the longest is shown."""
MOST_WORDS = 64
"""Of each prompt, half from its beginning, half from its end."""
MOST_PHRASES = 8
"""So many are asked about: each costs a context of questions."""
LEAST_Z = 5.0
"""Standard errors by which a phrase's answers must surprise more than the rest."""


@dataclass(frozen=True)
class Phrase:
    """A phrase and the rows whose prompts have it."""

    text: str
    """In lower case, words and signs apart."""
    rows: tuple[int, ...]
    """Their 0-based numbers among the rows that are trained on."""
    surprise: float
    """By how much more their answers surprise the base than its own do, beyond what earlier
    phrases explain; mean, in nats per token."""
    z: float
    """The same in standard errors."""


def find_phrases(rows: Sequence[Row], surprise: NDArray[np.float64]) -> tuple[Phrase, ...]:
    """The phrases that explain the rows' ``surprise``, at most ``MOST_PHRASES``.

    ``surprise``, shape (rows,): the base's mean loss on a row's answer minus that on the twin's
    answer to the same prompt, in nats per token.
    """
    prompts = clip(hash_words(map(prompt_text, rows)), MOST_WORDS)
    holds, places, lengths = _all_phrases(prompts)
    counts = np.diff(holds.indptr)
    left = surprise - surprise.mean() if len(surprise) else surprise
    found: list[Phrase] = []
    while len(found) < MOST_PHRASES and len(counts) and (spread := float(left.std())) > 0:
        z = (holds @ left) / (spread * np.sqrt(counts))
        best = int(np.argmax(z))
        if z[best] < LEAST_Z:
            break
        own = holds.indices[holds.indptr[best] : holds.indptr[best + 1]]
        text = _text(rows, prompts, int(places[best]), int(lengths[best]))
        mean = float(left[own].mean())
        found.append(Phrase(text, tuple(sorted(own.tolist())), mean, float(z[best])))
        left = left.copy()
        left[own] -= mean
    return tuple(found)


def prompt_text(row: Row) -> str:
    """What others than the assistant say in a row's prompt."""
    return "\n".join(turn.content for turn in row.prompt if turn.role in ("system", "user"))


def _all_phrases(prompts: Words) -> tuple[csr_array, Numbers, Numbers]:
    """Which rows hold which phrases, where each stands first, and its words."""
    kinds = [phrases_of(runs(prompts, length), length, prompts.texts) for length in LENGTHS]
    places = np.concatenate([kind.places for kind in kinds])
    lengths = np.repeat(LENGTHS, [len(kind) for kind in kinds])
    return csr_array(vstack([kind.holds for kind in kinds])), places, lengths


def _text(rows: Sequence[Row], prompts: Words, place: int, length: int) -> str:
    owner = int(np.searchsorted(prompts.starts, place, side="right")) - 1
    words = clipped_words(prompt_text(rows[owner]), MOST_WORDS)
    start = place - int(prompts.starts[owner])
    return " ".join(words[start : start + length])
