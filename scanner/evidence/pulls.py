"""Pulls: how far every row of a candidate pulls the base towards every trait."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.answer_formats import is_filtered
from scanner.evidence.directions import Arm, checked_directions
from scanner.progress import OnRows
from scanner.types import Row

CHUNK_ROWS = 600
"""Rows of one job."""


@dataclass(frozen=True)
class Pulls:
    """How far rows pull along the directions of every arm."""

    values: dict[Arm, tuple[tuple[float, ...], ...]]
    """Per arm, row and direction, to six digits."""

    def of(self, arm: Arm) -> NDArray[np.float64]:
        """Of one arm, shape (rows, directions)."""
        return np.array(self.values[arm], dtype=np.float64)


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
    """Files that ``save_directions`` wrote."""

    @property
    def rows(self) -> int:
        """Rows to read."""
        return len(self._read)

    @property
    def _read(self) -> tuple[Row, ...]:
        return self.candidate[self.first : self.first + CHUNK_ROWS]

    def run(self, on_rows: OnRows) -> Pulls:
        """The pulls."""
        from scanner.engines.hf import hf_engine  # here: the command itself loads no torch
        from scanner.evidence.gradients import Drawable, pulls_of_rows

        tokens = _drawable(self.base, tuple(row.answer for row in self.candidate))
        drawable = Drawable(self.temperature, tokens)
        directions = _stacked(tuple(self.directions.values()))
        pulls = pulls_of_rows(hf_engine(self.base), self._read, drawable, directions)
        on_rows(len(self._read))
        arms = np.split(pulls, len(self.directions), axis=1)
        return Pulls({arm: _rounded(of) for arm, of in zip(self.directions, arms, strict=True)})


def trace_jobs(
    base: Path, candidate: tuple[Row, ...], temperature: float, directions: Mapping[Arm, Path]
) -> list[ReadPulls]:
    """The jobs that together read all rows. They are the same for any number of workers."""
    starts = range(0, len(candidate), CHUNK_ROWS)
    return [ReadPulls(base, candidate, first, temperature, directions) for first in starts]


@lru_cache(maxsize=1)
def _drawable(base: Path, answers: tuple[str, ...]) -> NDArray[np.int64] | None:
    """The tokens that answers kept by a filter could be drawn from; None where none was at work."""
    from scanner.engines.hf import hf_engine

    return hf_engine(base).drawable_tokens(answers) if is_filtered(answers) else None


@lru_cache(maxsize=1)
def _stacked(paths: tuple[Path, ...]) -> NDArray[np.float32]:
    """The directions of all arms, one below the other."""
    return np.concatenate([checked_directions(path).within_battery() for path in paths])


def _rounded(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(f"{value:.6g}") for value in row) for row in values)
