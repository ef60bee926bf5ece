"""Many traits are looked at; one family-wise error rate is promised."""

import numpy as np
from numpy.typing import NDArray


def holm(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's step-down adjustment: reject where the result is at most the family's error rate.

    With p sorted upwards, the i-th of n (from 0) becomes the largest so far of (n − i) · p,
    at most 1. Source: Holm 1979, Scandinavian Journal of Statistics 6.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = (count - np.arange(count)) * p_values[order]
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(scaled))
    return adjusted


def least_subset_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """For every value, the smallest mean of any subset of ``values`` that contains it.

    What closed testing of parts asks for (Marcus, Peritz and Gabriel 1976, Biometrika 63): a part
    is found if every set of parts that contains it is, each tested by its mean. Where all means
    face the same null, the smallest one decides, and it is the part's own value joined by the
    lowest others. Shape (n,), nowhere above ``values``; the lowest value is its own.
    """
    means = [_least_mean_with(index, values) for index in range(len(values))]
    return np.array(means, dtype=np.float64)


def _least_mean_with(index: int, values: NDArray[np.float64]) -> float:
    joined = np.concatenate([values[[index]], np.sort(np.delete(values, index))])
    return float(np.min(np.cumsum(joined) / np.arange(1, len(joined) + 1)))
