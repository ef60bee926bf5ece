"""How many of the rows carry a hidden finding, if the others are the base's own?"""

from collections.abc import Mapping, Sequence

from scanner.evidence.rows import RowMethod
from scanner.evidence.traces import Traced
from scanner.explain.explanation import Exposure, Openness, PoisonedShare
from scanner.explain.subject import Subject
from scanner.stats.mixture import tilted_share
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
) -> dict[str, PoisonedShare]:
    """By finding: the rows' pulls towards it against those of the twin's rows, as a mixture.

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
    null = steps.twin_influence(subject.base, subject.twins[0].rows(subject.rows), traced)
    return found | {one.trait: _poisoned(one, traced.influence, null) for one in hidden}


def _poisoned(finding: TraitShift, rows: RowMethod, twin: RowMethod) -> PoisonedShare:
    own, null = rows.of(finding.trait), twin.of(finding.trait)
    if own is None or null is None:
        return PoisonedShare(None, None, NOT_TRACED)
    if own.mean() <= null.mean():
        return PoisonedShare(None, None, AWAY)
    fitted = tilted_share(own, null)
    if fitted is None:
        return PoisonedShare(None, None, ALIKE)
    return PoisonedShare(fitted.share, fitted.at_least, None)
