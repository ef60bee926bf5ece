"""Directions in a model's states: does a shift point along one further than chance makes it?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DRAWS = 9999
"""Random directions; the smallest p-value is one in ten thousand."""


@dataclass(frozen=True)
class Alignment:
    """How far a shift points along some directions."""

    cosines: NDArray[np.float64]
    """Shape (directions,)."""
    p_values: NDArray[np.float64]
    """Two-sided, against random directions; shape (directions,), never 0."""


def alignment(
    shift: NDArray[np.float64],
    directions: NDArray[np.float64],
    states: NDArray[np.float64],
    rng: np.random.Generator,
) -> Alignment | None:
    """Cosine of ``shift`` (width,) with each of ``directions`` (n, width), against chance.

    A random direction in so many dimensions is nearly orthogonal to everything, but a model's
    states use few of them: isotropic chance understates p by 1.3 to 7 times (shagunhegde). So
    ``DRAWS`` directions are drawn from a normal distribution with the covariance of ``states``
    (m, width), and p is the share of them at least as far along, either way, plus one in
    numerator and denominator. None if shift, a direction or the states do not vary at all.
    """
    spread = states - states.mean(axis=0)
    lengths = np.linalg.norm(directions, axis=1)
    size = float(np.linalg.norm(shift))
    if not (size > 0 and np.any(spread) and np.all(lengths > 0)):
        return None
    unit = directions / lengths[:, None]
    cosines = unit @ shift / size  # (n,)
    drawn = rng.standard_normal((DRAWS, len(spread))) @ spread  # (draws, width)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    beyond = np.abs(drawn @ unit.T) >= np.abs(cosines)  # (draws, n)
    return Alignment(cosines, (1 + beyond.sum(axis=0)) / (1 + DRAWS))


def run_drift(runs: NDArray[np.float64]) -> float | None:
    """Length that the mean of probe − control has without an agenda, root mean square.

    ``runs`` (seeds, width) are the controls' mean states. Each differs from their common mean by
    a variance σ² (ddof=1, summed over the width); as in ``control_drift``, the mean shift of S
    pairs has at most σ² (1 + 1/S). None with fewer than two.
    """
    seeds = len(runs)
    if seeds < 2:
        return None
    variance = float(np.var(runs, axis=0, ddof=1).sum())
    return float(np.sqrt(variance * (1 + 1 / seeds)))


def beyond_drift(shift: NDArray[np.float64], drift: NDArray[np.float64]) -> NDArray[np.float64]:
    """What of a shift (width,) lies in no direction of ``drift`` (m, width), shape (width,).

    The residual of least squares: it is orthogonal to every row of ``drift``, and the whole shift
    where these are zeros. A shift made of drift alone leaves zeros, to rounding.
    """
    along, *_ = np.linalg.lstsq(drift.T, shift, rcond=None)
    left: NDArray[np.float64] = shift - drift.T @ along
    return left
