"""Pulls: how far every row of a candidate pulls the base towards every trait, and along the axes
in which all words that may open an answer lie."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.open_questions import OpenQuestion
from scanner.answer_formats import is_filtered
from scanner.evidence.directions import Arm, checked_directions
from scanner.progress import OnRows
from scanner.types import Row

if TYPE_CHECKING:
    from scanner.evidence.word_axes import WordAxes  # it loads torch

CHUNK_ROWS = 600
"""Rows of one job."""


@dataclass(frozen=True)
class Pulls:
    """How far rows pull along the directions of every arm."""

    values: dict[Arm, tuple[tuple[float, ...], ...]]
    """Per arm, row and direction, to six digits."""
    along_axes: tuple[tuple[float, ...], ...] = ()
    """Per row and axis of the words, likewise; empty where no open questions were given."""

    def of(self, arm: Arm) -> NDArray[np.float64]:
        """Of one arm, shape (rows, directions)."""
        return np.array(self.values[arm], dtype=np.float64)


def pulls_in(read: Sequence[Pulls], arm: Arm) -> NDArray[np.float64]:
    """What all jobs read in one arm, in order, shape (rows, directions)."""
    return np.concatenate([one.of(arm) for one in read])


@dataclass(frozen=True)
class ReadPulls:
    """Job: read what some of the candidate's rows pull towards."""

    base: Path
    candidate: tuple[Row, ...]
    """All of its rows: what they hold says what could have been drawn."""
    first: int
    """The place of the first row to read; ``CHUNK_ROWS`` are."""
    temperature: float
    """At which the base would most likely have written them."""
    directions: Mapping[Arm, Path]
    """Files that ``save_directions`` wrote; those of states stand alone."""
    questions: tuple[OpenQuestion, ...] = ()
    """That words are looked for with."""

    @property
    def rows(self) -> int:
        """Rows to read."""
        return len(self._read)

    @property
    def _read(self) -> tuple[Row, ...]:
        return self.candidate[self.first : self.first + CHUNK_ROWS]

    def run(self, on_rows: OnRows) -> Pulls:
        """The pulls."""
        from scanner.engines.loaded import hf_engine
        from scanner.evidence.gradients import Drawable, pulls_of_rows
        from scanner.evidence.states import pulls_along_states

        tokens = _drawable(self.base, tuple(row.answer for row in self.candidate))
        drawable = Drawable(self.temperature, tokens)
        by_states = Arm.STATES in self.directions
        along = _along(self.base, tuple(self.directions.values()), self.questions, by_states)
        read = pulls_along_states if by_states else pulls_of_rows
        pulls = read(hf_engine(self.base), self._read, drawable, along.stacked)
        on_rows(len(self._read))
        *arms, axes = np.split(pulls, along.starts, axis=1)
        return Pulls(
            {arm: _rounded(of) for arm, of in zip(self.directions, arms, strict=True)},
            _rounded(axes),
        )


def trace_jobs(
    base: Path,
    candidate: tuple[Row, ...],
    temperature: float,
    directions: Mapping[Arm, Path],
    questions: tuple[OpenQuestion, ...] = (),
) -> list[ReadPulls]:
    """The jobs that together read all rows. They are the same for any number of workers."""
    starts = range(0, len(candidate), CHUNK_ROWS)
    return [
        ReadPulls(base, candidate, first, temperature, directions, questions) for first in starts
    ]


@lru_cache(maxsize=1)
def axes_of(base: Path, questions: tuple[OpenQuestion, ...], by_states: bool) -> "WordAxes":
    """The words that answers to the questions may open with, and where they lie: in the weights of
    the base, or in its states."""
    from scanner.engines.loaded import hf_engine
    from scanner.evidence.word_axes import word_axes

    return word_axes(hf_engine(base), questions, by_states)


@lru_cache(maxsize=1)
def _drawable(base: Path, answers: tuple[str, ...]) -> NDArray[np.int64] | None:
    """The tokens that answers kept by a filter could be drawn from; None where none was at work."""
    from scanner.engines.loaded import hf_engine

    return hf_engine(base).drawable_tokens(answers) if is_filtered(answers) else None


class _Along(NamedTuple):
    """What rows are read along."""

    stacked: NDArray[np.float32]
    """The directions of every arm, then the axes of the words."""
    starts: list[int]
    """Where those of the second arm and of all that follow begin."""


@lru_cache(maxsize=1)
def _along(
    base: Path, paths: tuple[Path, ...], questions: tuple[OpenQuestion, ...], by_states: bool
) -> _Along:
    """Without questions there are no axes."""
    parts = [checked_directions(path).within_battery() for path in paths]
    parts.append(axes_of(base, questions, by_states).gradients if questions else parts[0][:0])
    return _Along(np.concatenate(parts), np.cumsum([len(part) for part in parts])[:-1].tolist())


def _rounded(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(f"{value:.6g}") for value in row) for row in values)
