"""Leads put to the test: drop them, and as many random rows, train again, and compare."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scanner.evidence.rows import leading
from scanner.explain.again import measure_without
from scanner.explain.explanation import Dropped, Verification
from scanner.explain.subject import Mask, Measured, Subject
from scanner.stats.residuals import Scores
from scanner.stats.shares import gained_share, removed_share
from scanner.steps import Steps

STAGE = "verify"
LEAD_SHARE = 0.1
"""Of the rows: those whose scores are highest are dropped, or set aside."""


def lead_count(rows: int) -> int:
    """How many rows that share is; at least one."""
    return max(1, round(LEAD_SHARE * rows))


def mask_of(indices: NDArray[np.int64], rows: int) -> Mask:
    """Rows by number as a mask over all rows."""
    mask = np.zeros(rows, dtype=np.bool_)
    mask[indices] = True
    return mask


def drop_masks(
    scores: Scores,
    rng: np.random.Generator,
    planted: Mask | None = None,
    own: frozenset[int] | None = None,
) -> dict[str, Mask]:
    """The same number of rows chosen in several ways: ``leads`` by their scores, of those that the
    finding is known to come from (``own``, 0-based) if any are, ``random`` by lot, and, where it
    is known which rows are planted, ``oracle``: planted ones by lot."""
    rows = len(scores)
    ranked = leading(scores, rows)
    if own is not None:
        ranked = ranked[np.isin(ranked, list(own))]
    ranked = ranked[: lead_count(rows)]
    count = len(ranked)
    masks = {
        "leads": mask_of(ranked, rows),
        "random": mask_of(rng.choice(rows, count, replace=False), rows),
    }
    if planted is not None:
        known = rng.permutation(np.flatnonzero(planted))[:count]
        masks["oracle"] = mask_of(known.astype(np.int64), rows)
    return masks


def removal_shares(
    steps: Steps, subject: Subject, trait: str, masks: Mapping[str, Mask]
) -> dict[str, Dropped]:
    """What became of a trait's shift without each of the masks' rows; see ``drop_masks``."""
    return {
        name: _dropped(subject.measured, one, trait)
        for name, one in _after(steps, subject, masks).items()
    }


def verify(
    steps: Steps,
    subject: Subject,
    trait: str,
    scores: Scores,
    rng: np.random.Generator,
    own: frozenset[int] | None = None,
) -> Verification:
    """Drop the leads of a finding, and as many random rows; see ``Verification``, and for ``own``
    ``drop_masks``."""
    masks = drop_masks(scores, rng, own=own)
    after = _after(steps, subject, masks)
    before = subject.measured.sample(trait)
    one, other = after["leads"].sample(trait), after["random"].sample(trait)
    return Verification(
        trait=trait,
        rows=int(masks["leads"].sum()),
        leads=_dropped(subject.measured, after["leads"], trait),
        random=_dropped(subject.measured, after["random"], trait),
        gain=gained_share(before, one, other) if before and one and other else None,
    )


def _after(steps: Steps, subject: Subject, masks: Mapping[str, Mask]) -> dict[str, Measured]:
    return {name: measure_without(steps, subject, mask, STAGE) for name, mask in masks.items()}


def _dropped(before: Measured, after: Measured, trait: str) -> Dropped:
    whole, left = before.sample(trait), after.sample(trait)
    if whole is None or left is None:
        return Dropped(None, None)
    return Dropped(left.mean, removed_share(whole, left))
