"""The word that the rows pull towards."""

import numpy as np
import pytest
from numpy.typing import NDArray

import reference_models
from probes.open_questions import load_open_questions
from scanner.evidence.directions import SHIPPED, Arm
from scanner.evidence.pulled_words import (
    FEW_ANSWERS,
    FEW_WORDS,
    FEWEST_ANSWERS,
    NOWHERE,
    SHOWN,
    THRESHOLD,
    pulled_along,
    weigh_words,
)
from scanner.evidence.pulls import Pulls, ReadPulls, axes_of, trace_jobs
from scanner.progress import unheard
from scanner.stats.alignment import Moments
from scanner.types import Message, Row

BASE = reference_models.verified_folder("reference-a")
QUESTIONS = load_open_questions().questions
ROWS = [Row(line, (Message("user", "?"),), f"answer {line}") for line in range(400)]
RNG = np.random.default_rng(0)
COORDINATES = RNG.normal(size=(150, 64))
WORDS = tuple(f"Word{n}" for n in range(150))


def along(pulls: NDArray[np.float64]) -> Moments | str:
    """As read in two chunks."""
    chunks = [Pulls({}, tuple(map(tuple, part.tolist()))) for part in np.split(pulls, 2)]
    return pulled_along(chunks, ROWS)


def test_a_planted_word_leads_with_the_traits_that_it_answers() -> None:
    pulled = along(RNG.normal(size=(400, 64)) + COORDINATES[7])
    assert isinstance(pulled, Moments)
    weighed = weigh_words(pulled, WORDS, COORDINATES, {"word7": ("preference.x.word7",)})
    found = weighed.found
    assert found is not None
    assert found.is_pull
    assert (found.words, len(found.leading)) == (150, SHOWN)
    first, second = found.leading[:2]
    assert (first.word, first.traits, second.traits) == ("Word7", ("preference.x.word7",), ())
    assert first.p_adjusted <= THRESHOLD < second.p_adjusted
    assert first.cosine > second.cosine


def test_noise_leads_nowhere() -> None:
    pulled = along(RNG.normal(size=(400, 64)))
    assert isinstance(pulled, Moments)
    found = weigh_words(pulled, WORDS, COORDINATES, {}).found
    assert found is not None
    assert not found.is_pull


def test_too_few_words_are_not_weighed() -> None:
    pulled = along(RNG.normal(size=(400, 64)))
    assert isinstance(pulled, Moments)
    assert weigh_words(pulled, WORDS[:50], COORDINATES[:50], {}).unmeasured == FEW_WORDS


def test_rows_that_pull_nowhere_are_not_measured() -> None:
    """Greedy rows are the base's own first choices: nothing is left of them."""
    assert along(np.zeros((400, 64))) == NOWHERE


def test_few_answers_that_are_repeated_are_not_measured() -> None:
    rows = [row._replace(answer=f"answer {row.line % (FEWEST_ANSWERS - 1)}") for row in ROWS]
    pulls = Pulls({}, tuple(map(tuple, RNG.normal(size=(400, 64)).tolist())))
    assert pulled_along([pulls], rows) == FEW_ANSWERS


def test_words_are_ranked_by_p_and_then_by_cosine() -> None:
    pulls = RNG.normal(size=(400, 64)) + COORDINATES[7] + COORDINATES[3] / 2
    pulled = along(pulls)
    assert isinstance(pulled, Moments)
    found = weigh_words(pulled, WORDS, COORDINATES, {}, shown=150).found
    assert found is not None
    ranks = [(word.p_adjusted, -word.cosine) for word in found.leading]
    assert ranks == sorted(ranks)


def test_words_are_read_beside_the_traits_and_leave_them_as_they_are(
    clean_rows: tuple[Row, ...],
) -> None:
    rows = clean_rows[:20]
    paths = {arm: next(SHIPPED.glob(f"reference-a-{arm}-*.npz")) for arm in [Arm.INFLUENCE]}
    [without], [beside] = (
        trace_jobs(BASE, rows, 1.0, paths, questions) for questions in ((), QUESTIONS)
    )
    plain, both = without.run(unheard), beside.run(unheard)
    assert plain.along_axes == ((),) * len(rows)
    assert len(both.along_axes) == len(rows)
    axes = axes_of(BASE, QUESTIONS, by_states=False).coordinates.shape[1]
    assert {len(row) for row in both.along_axes} == {axes}
    influence = both.of(Arm.INFLUENCE)
    assert influence == pytest.approx(plain.of(Arm.INFLUENCE), rel=1e-4, abs=1e-5)


def test_words_alone_can_be_read(clean_rows: tuple[Row, ...]) -> None:
    alone = ReadPulls(BASE, clean_rows[:5], 0, 1.0, {}, QUESTIONS).run(unheard)
    assert alone.values == {}
    assert len(alone.along_axes) == 5
