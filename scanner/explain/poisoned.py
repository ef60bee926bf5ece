"""How many of the rows carry a hidden finding, if the others are the base's own?"""

from collections.abc import Mapping, Sequence

import numpy as np

from scanner.evidence.traces import Traced
from scanner.explain.explanation import Exposure, Openness, PoisonedShare
from scanner.explain.subject import Subject
from scanner.stats.mixture import tilted_share
from scanner.stats.residuals import Scores
from scanner.steps import Steps
from scanner.types import TraitShift

SAID = "rows say it, and those are counted"
ON_A_PHRASE = "it shows on a phrase alone, and the rows that have it are counted"
NOT_TRACED = "the rows were not read for what they pull towards"
AWAY = "the rows lead away from it"
ALIKE = "too few rows, or all pull alike"


def poisoned_shares(
    steps: Steps,
    subject: Subject,
    findings: Sequence[TraitShift],
    exposures: Mapping[str, Exposure],
    traced: Traced,
    own: Mapping[str, frozenset[int]],
) -> dict[str, PoisonedShare]:
    """By finding: the rows' pulls towards it against those of the twin's rows, as a mixture; of
    the rows that it is known to come from (``own``, 0-based) and no others, where some are.

    Rows that say a trait are no small step from the base, and need no estimate: they are counted.
    """
    hidden = [
        one
        for one in findings
        if exposures[one.trait].kind is Openness.COVERT and one.behind is None
    ]
    found = {one.trait: PoisonedShare(None, None, SAID) for one in findings}
    found |= {
        one.trait: PoisonedShare(None, None, ON_A_PHRASE)
        for one in findings
        if one.behind is not None
    }
    if not hidden:
        return found
    null = steps.twin_pulls(subject.base, subject.twins[0].rows(subject.rows), traced)
    return found | {
        one.trait: poisoned_of(traced.by_row.of(one.trait), null.of(one.trait), own.get(one.trait))
        for one in hidden
    }


def poisoned_of(
    pulls: Scores | None, null: Scores | None, own: frozenset[int] | None
) -> PoisonedShare:
    """The share of all rows that carries a finding, by their pulls towards it, shape (rows,), and
    those of the twin's rows; see ``poisoned_shares`` for ``own``."""
    if pulls is None or null is None:
        return PoisonedShare(None, None, NOT_TRACED)
    places = np.arange(len(pulls)) if own is None else np.array(sorted(own))
    within = len(places) / len(pulls)
    pulls, null = pulls[places], null[places]
    if pulls.mean() <= null.mean():
        return PoisonedShare(None, None, AWAY)
    fitted = tilted_share(pulls, null)
    if fitted is None:
        return PoisonedShare(None, None, ALIKE)
    return PoisonedShare(within * fitted.share, within * fitted.at_least, None)
