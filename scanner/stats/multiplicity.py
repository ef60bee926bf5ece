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
