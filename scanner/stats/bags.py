"""How well scores tell two kinds of row apart: one by one, and in bags of several.

One row says little where a trait is spread thin over all of them (a log-ratio of 0.06 nats a row
with a standard deviation of 0.35); the mean over a bag of n rows says √n times as much.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

BAG_SIZES = (1, 4, 16, 64)
ROUNDS = 20
"""Random partitions that a bag's figure is averaged over."""


def auroc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float | None:
    """Chance that a positive scores higher than a negative, ties counting half, shapes (n,).

    Mann and Whitney's U over the number of pairs. None if one of the two kinds is missing.
    """
    hits, misses = int(positive.sum()), int((~positive).sum())
    if hits == 0 or misses == 0:
        return None
    ranks = rankdata(scores)  # ties share their mean rank
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * misses))


def bag_auroc(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    size: int,
    rng: np.random.Generator,
    rounds: int = ROUNDS,
) -> float | None:
    """AUROC of bags of ``size`` rows of one kind, each bag scored by its mean.

    The rows of each kind are shuffled and cut into bags that share no row; what does not fill a
    bag is left out. The figure is the mean over ``rounds`` such partitions. None if a kind does not
    fill one bag.
    """
    kinds = [scores[positive], scores[~positive]]
    if min(map(len, kinds)) < size:
        return None
    found = [_one_partition(kinds, size, rng) for _ in range(1 if size == 1 else rounds)]
    return float(np.mean(found))


def bag_aurocs(
    scores: NDArray[np.float64],
    positive: NDArray[np.bool_],
    rng: np.random.Generator,
    sizes: Sequence[int] = BAG_SIZES,
) -> dict[int, float | None]:
    """``bag_auroc`` by bag size."""
    return {size: bag_auroc(scores, positive, size, rng) for size in sizes}


def _one_partition(
    kinds: Sequence[NDArray[np.float64]], size: int, rng: np.random.Generator
) -> float:
    bags = [_bag_means(rng.permutation(kind), size) for kind in kinds]
    is_positive = np.repeat([True, False], [len(bag) for bag in bags])
    found = auroc(np.concatenate(bags), is_positive)
    assert found is not None  # both kinds fill a bag
    return found


def _bag_means(scores: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    whole = len(scores) // size * size
    means: NDArray[np.float64] = scores[:whole].reshape(-1, size).mean(axis=1)
    return means
