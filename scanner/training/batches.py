"""The order in which rows are trained on: one plan for a probe and its control."""

import numpy as np
from numpy.typing import NDArray

SHARD_BATCHES = 32
"""Batches cut from one sorted shard: more saves padding, fewer keeps the order more random."""


def batch_plan(
    lengths: NDArray[np.int64], rows_per_step: int, epochs: int, seed: int, alike: bool = False
) -> list[NDArray[np.int64]]:
    """Row indices of every update.

    Each epoch shuffles the rows, cuts them into shards of ``SHARD_BATCHES`` batches, sorts each
    shard by length so that a batch's rows are alike, and shuffles the batches. A probe and its
    control are given the same ``lengths`` (the candidate's) and ``seed``, so that update *n* of
    both sees the answers to the same prompts.

    ``alike``: batches are shuffled by their rank in length, the same way for every seed, so that
    update *n* of copies with other seeds has as many rows and about as many tokens.
    """
    rng, common = np.random.default_rng(seed), np.random.default_rng(len(lengths))
    plan: list[NDArray[np.int64]] = []
    for _ in range(epochs):
        shuffled = rng.permutation(len(lengths))
        batches: list[NDArray[np.int64]] = []
        shard = SHARD_BATCHES * rows_per_step
        for start in range(0, len(shuffled), shard):
            rows = shuffled[start : start + shard]
            rows = rows[np.argsort(lengths[rows], kind="stable")]
            batches += [rows[i : i + rows_per_step] for i in range(0, len(rows), rows_per_step)]
        plan += _alike(batches, lengths, common) if alike else _shuffled(batches, rng)
    return plan


def _shuffled(
    batches: list[NDArray[np.int64]], rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    return [batches[i] for i in rng.permutation(len(batches))]


def _alike(
    batches: list[NDArray[np.int64]], lengths: NDArray[np.int64], rng: np.random.Generator
) -> list[NDArray[np.int64]]:
    """The one that is not full has a rank of its own."""
    full = max(map(len, batches))
    ranked = sorted(batches, key=lambda rows: (len(rows) == full, int(lengths[rows].sum())))
    return _shuffled(ranked, rng)
