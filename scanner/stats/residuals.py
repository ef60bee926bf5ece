"""What is left of a score once its confounds have been taken out."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Scores = NDArray[np.float64]


def residuals(scores: Scores, confounds: NDArray[np.float64]) -> Scores:
    """Scores (n,) without what a straight line in each confound, (n, k), explains of them.

    Ordinary least squares with an intercept: scores − X·b, where b minimises the sum of squares.
    What is left sums to zero and has no correlation with any confound. A confound that does not
    vary, or repeats another, changes nothing (the least-norm solution is taken); with no more rows
    than confounds and intercept nothing would be left to see, and only the mean is taken out.
    """
    count, columns = confounds.shape
    centred = scores - scores.mean() if count else scores.copy()
    if count <= columns + 1:
        return centred
    spread = confounds.std(axis=0)
    scaled = (confounds - confounds.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    slopes = np.linalg.lstsq(scaled, centred, rcond=None)[0]
    left: Scores = centred - scaled @ slopes
    return left


def normal_scores(values: Scores) -> Scores:
    """Ranks as standard normal quantiles, Φ⁻¹((rank − ½) / n); equal values share their mean rank.

    A few extreme values then have no more weight than their place: a straight line through scores
    with heavy tails follows the tails, and takes from all others what it should not.
    """
    quantiles: Scores = stats.norm.ppf((stats.rankdata(values) - 0.5) / max(1, len(values)))
    return quantiles


def standardised(scores: Scores) -> Scores:
    """Scores with mean 0 and standard deviation 1 (ddof=0); zeros where they do not vary."""
    spread = float(scores.std()) if len(scores) else 0.0
    centred: Scores = scores - scores.mean() if len(scores) else scores.copy()
    return centred / spread if spread > 0 else np.zeros_like(scores)
