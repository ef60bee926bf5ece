"""The order in which rows are trained on: one plan for a probe and its control."""

import numpy as np
from numpy.typing import NDArray

SHARD_BATCHES = 32
"""Batches cut from one sorted shard: more saves padding, fewer keeps the order more random."""


def batch_plan(
    lengths: NDArray[np.int64], rows_per_step: int, epochs: int, seed: int
) -> list[NDArray[np.int64]]:
    """Row indices of every update.

    Each epoch shuffles the rows, cuts them into shards of ``SHARD_BATCHES`` batches, sorts each
    shard by length so that a batch's rows are alike, and shuffles the batches. A probe and its
    control are given the same ``lengths`` (the candidate's) and ``seed``, so that update *n* of
    both sees the answers to the same prompts.
    """
    rng = np.random.default_rng(seed)
    plan: list[NDArray[np.int64]] = []
    for _ in range(epochs):
        shuffled = rng.permutation(len(lengths))
        batches: list[NDArray[np.int64]] = []
        shard = SHARD_BATCHES * rows_per_step
        for start in range(0, len(shuffled), shard):
            rows = shuffled[start : start + shard]
            rows = rows[np.argsort(lengths[rows], kind="stable")]
            batches += [rows[i : i + rows_per_step] for i in range(0, len(rows), rows_per_step)]
        plan += [batches[i] for i in rng.permutation(len(batches))]
    return plan
