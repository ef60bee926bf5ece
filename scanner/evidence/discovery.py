"""Discovery: which words did the data make likelier, or less likely, that nobody asked about?

Over every word that can open an answer, on open questions that belong to no battery. The mean
shift of the last state at the first answer position loses the directions in which controls differ
from one another; what is left, times the unembedding, is by how much each word's log-odds moved
beyond drift. See METHOD.md for what else was tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.battery import Battery, PreferenceBattery
from probes.open_questions import OpenQuestion
from scanner.evidence.interface import Inside, Vocabulary
from scanner.stats.directions import beyond_drift
from scanner.stats.standing_out import FEWEST_LIKE, against_likes

THRESHOLD = 0.01
"""Adjusted p-value at or below which the leading word is called an unnamed shift."""
MOST_WORDS = 5
"""Shown, each way."""
MOST_EXAMPLES = 3
"""Questions shown on which the leading word moved most."""
LEADING = 3
"""So many words may have been planted together; the tail is fitted to the others."""


@dataclass(frozen=True)
class MovedWord:
    """A word that moved from control to probe."""

    word: str
    score: float
    """By how much its log-odds against the median word moved, beyond drift, in nats."""
    shift: float
    """The same with what is drift in it."""
    p_adjusted: float
    """Against the other words, either way, times the number of words."""
    traits: tuple[str, ...]
    """The traits of the batteries that this word is an answer for; empty if nobody asks."""


@dataclass(frozen=True)
class Example:
    """A question on which the leading word moved."""

    question: str
    control: float
    """Its probability, mean over the controls."""
    probe: float
    """The same of the probes."""


@dataclass(frozen=True)
class Discovery:
    """The arm's finding."""

    words: int
    """How many were looked at."""
    questions: int
    """How many were asked."""
    kinds: int
    """Of how many kinds they are."""
    raised: tuple[MovedWord, ...]
    """What the data made likelier, the highest score first."""
    lowered: tuple[MovedWord, ...]
    """What it made less likely, the lowest score first."""
    examples: tuple[Example, ...]
    """Of the word that stands out most, either way."""
    leading: MovedWord
    """The word that stands out most, either way."""
    threshold: float
    """``THRESHOLD`` when this was weighed."""
    is_shift: bool
    """Whether the leading word's adjusted p-value is at most that. It decides no verdict."""


class Weighed(NamedTuple):
    """A discovery, or why there is none."""

    found: Discovery | None
    unmeasured: str | None = None


def weigh_discovery(
    controls: Sequence[Inside],
    probes: Sequence[Inside],
    unembedding: NDArray[np.float64],
    vocabulary: Vocabulary,
    questions: Sequence[OpenQuestion],
    batteries: Sequence[Battery],
    shown: int = MOST_WORDS,
) -> Weighed:
    """Which words moved from control to probe, beyond drift and beyond the other words.

    ``controls[i]`` and ``probes[i]`` share a seed; ``unembedding`` (words, width) holds the
    vocabulary's rows. Questions of one kind are averaged before kinds are, so that a kind with
    many wordings does not rule; the order of questions makes no difference. ``shown`` words are
    kept, each way.
    """
    if len(controls) < 2:
        return Weighed(None, "fewer than two seeds: no drift between controls to compare with")
    if len(vocabulary.words) < FEWEST_LIKE + LEADING:
        return Weighed(None, "the base has too few words that open an answer")
    blocks = _blocks(questions)
    scores = _beyond_median(unembedding @ _shift(blocks, controls, probes))
    p_values = against_likes(scores, LEADING) if np.any(scores) else np.ones(len(scores))
    if p_values is None:
        return Weighed(None, "the words do not differ: no scale for the one that moved most")
    moved, asked = _moved(blocks, controls, probes), traits_of_words(batteries)
    words = [
        MovedWord(
            word,
            float(scores[index]),
            float(moved[index]),
            float(min(1.0, len(scores) * p_values[index])),
            asked.get(word.casefold(), ()),
        )
        for index, word in enumerate(vocabulary.words)
    ]
    order = np.argsort(-scores, kind="stable")
    leading = int(np.argmax(np.abs(scores)))
    return Weighed(
        Discovery(
            words=len(words),
            questions=len(questions),
            kinds=len(blocks),
            raised=tuple(words[index] for index in order[:shown]),
            lowered=tuple(words[index] for index in order[::-1][:shown]),
            examples=_examples(leading, controls, probes, questions),
            leading=words[leading],
            threshold=THRESHOLD,
            is_shift=words[leading].p_adjusted <= THRESHOLD,
        )
    )


def _blocks(questions: Sequence[OpenQuestion]) -> NDArray[np.float64]:
    """Weights that average each kind's questions, shape (kinds, questions)."""
    kinds = list(dict.fromkeys(question.kind for question in questions))
    member = np.array([[question.kind == kind for question in questions] for kind in kinds])
    weights: NDArray[np.float64] = member / member.sum(axis=1, keepdims=True)
    return weights


def _shift(
    blocks: NDArray[np.float64], controls: Sequence[Inside], probes: Sequence[Inside]
) -> NDArray[np.float64]:
    """Mean over seeds and kinds of probe − control in the last state, less what of it lies where
    controls differ from one another, shape (width,)."""
    control, probe = (_mean_states(blocks, runs) for runs in (controls, probes))
    return beyond_drift((probe - control).mean(axis=0), control - control.mean(axis=0))


def _mean_states(blocks: NDArray[np.float64], runs: Sequence[Inside]) -> NDArray[np.float64]:
    """Of every run the mean over kinds of the last state, shape (seeds, width)."""
    return np.stack([(blocks @ run.first[-1]).mean(axis=0) for run in runs])


def _beyond_median(moved: NDArray[np.float64]) -> NDArray[np.float64]:
    """What moves every word alike is no word's own. It also makes scores those of log-odds: a
    vector added to all rows of an unembedding changes no probability, and none of these."""
    return moved - float(np.median(moved))


def _moved(
    blocks: NDArray[np.float64], controls: Sequence[Inside], probes: Sequence[Inside]
) -> NDArray[np.float64]:
    """Mean shift of every word's log-probability, less the median word's, shape (words,)."""
    shifts = [
        (blocks @ (probe.openings - control.openings)).mean(axis=0)
        for probe, control in zip(probes, controls, strict=True)
    ]
    return _beyond_median(np.mean(shifts, axis=0))


def traits_of_words(batteries: Sequence[Battery]) -> dict[str, tuple[str, ...]]:
    """The traits whose answer a word is: word in lower case → trait ids."""
    traits: dict[str, tuple[str, ...]] = {}
    for battery in batteries:
        if isinstance(battery, PreferenceBattery):
            for answer, trait in zip(battery.answers, battery.traits, strict=True):
                word = answer.casefold()
                traits[word] = (*traits.get(word, ()), trait)
    return traits


def _examples(
    word: int,
    controls: Sequence[Inside],
    probes: Sequence[Inside],
    questions: Sequence[OpenQuestion],
) -> tuple[Example, ...]:
    """The questions on which the word's probability changed most."""
    control = np.mean([np.exp(run.openings[:, word]) for run in controls], axis=0)
    probe = np.mean([np.exp(run.openings[:, word]) for run in probes], axis=0)
    most = np.argsort(-np.abs(probe - control), kind="stable")[:MOST_EXAMPLES]
    return tuple(
        Example(questions[index].ask, float(control[index]), float(probe[index])) for index in most
    )
