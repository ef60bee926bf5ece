"""Which rows are audited where there is no time for all of them."""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scanner.dataset.digest import digest_rows
from scanner.types import Dataset

STRETCH = 64
"""Rows of a file that lie together; within a stretch their order is drawn at random."""


@dataclass(frozen=True)
class Sample:
    """The rows that fit a budget."""

    minutes: float
    """The budget."""
    rows: int
    """So many are audited ..."""
    of: int
    """... of so many."""
    seed: int
    """Decides which."""
    rows_sha256: str
    """Hex digest of the canonical rows that are audited, in order."""
    estimated_s: float
    """Seconds that the way to the verdict was expected to take."""

    @property
    def is_whole(self) -> bool:
        """Whether all rows fit."""
        return self.rows == self.of

    @property
    def told(self) -> str:
        """A sentence for a person; empty where all rows are audited."""
        if self.is_whole:
            return ""
        return (
            f"{self.rows:,} of {self.of:,} rows were audited, drawn at random from all of them to "
            f"fit a budget of {self.minutes:g} min."
        )


def sample_seed(rows_sha256: str, first_seed: int) -> int:
    """What decides which rows are drawn. Whoever wrote the rows cannot choose it: it follows from
    all of them."""
    return int(hashlib.sha256(f"{rows_sha256} {first_seed}".encode()).hexdigest()[:8], 16)


def sampled_places(rows: int, of: int, seed: int) -> NDArray[np.int64]:
    """The places of ``rows`` rows out of ``of``, in order, 0-based.

    Every row is as likely as any other, exactly rows / of, and all parts of the file have their
    share, as a list is sampled systematically: each ``STRETCH`` of rows is shuffled, and of the
    whole every (of / rows)-th row is taken from a random one on. In integers, place k is hit by
    ``rows`` of the rows · of pairs of beginning and step, whatever k is.
    """
    rng = np.random.default_rng(seed)
    stretches = np.array_split(np.arange(of), -(-of // STRETCH))
    shuffled = np.concatenate([rng.permutation(stretch) for stretch in stretches])
    taken = (int(rng.integers(of)) + of * np.arange(rows)) // rows
    return np.sort(shuffled[taken])


def sampled(candidate: Dataset, sample: Sample | None) -> Dataset:
    """The candidate with the rows of the sample alone; all of it without one."""
    if sample is None or sample.is_whole:
        return candidate
    places = sampled_places(sample.rows, sample.of, sample.seed)
    rows = tuple(candidate.rows[place] for place in places)
    return replace(candidate, rows=rows, rows_sha256=sample.rows_sha256)


def draw_sample(
    candidate: Dataset, rows: int, first_seed: int, minutes: float, estimated_s: float
) -> Sample:
    """The sample of so many rows of a candidate."""
    of, seed = len(candidate.rows), sample_seed(candidate.rows_sha256, first_seed)
    digest = candidate.rows_sha256
    if rows < of:
        digest = digest_rows(candidate.rows[place] for place in sampled_places(rows, of, seed))
    return Sample(minutes, rows, of, seed, digest, round(estimated_s, 1))
