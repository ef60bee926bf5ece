"""Explain, on one page: leads, overt or covert, and, if asked for, the leads put to the test."""

from collections.abc import Sequence

import numpy as np

from scanner.evidence.rows import confounds, leading, probe_ratio, suspicion, told_by
from scanner.evidence.traces import Traced
from scanner.explain.again import Mask, Subject
from scanner.explain.explanation import (
    Explanation,
    Exposure,
    Lead,
    Leads,
    Openness,
    unexplained,
)
from scanner.explain.exposure import exposures, overt_rows
from scanner.explain.poisoned import poisoned_shares
from scanner.explain.verification import lead_count, verify
from scanner.stats.residuals import Scores
from scanner.steps import Steps
from scanner.types import Row
from scanner.verdict import Decision

NOT_ASKED = "--verify-rows was not given"
NO_FINDING = "nothing was found, so there is nothing to explain"
NONE_LEADS = "the rows' scores do not differ: none leads"
LISTED = 20
"""Leads of one finding that the results name."""
LONGEST = 300
"""Characters of a lead's answer that they hold."""


def explain(
    steps: Steps,
    subject: Subject,
    traced: Traced,
    decision: Decision,
    error_rate: float,
    seed: int,
    verified: bool = False,
) -> Explanation:
    """Which rows lead to each finding, and whether the data says it or hides it.

    ``seed`` decides which random rows ``verified`` drops beside the leads of the largest finding.
    """
    findings = decision.findings
    if not findings:
        return unexplained(NO_FINDING)
    pairs = len(subject.seeds)
    loss, ratios = steps.score_rows(
        subject.base, subject.rows, subject.adapters[:pairs], subject.adapters[pairs:]
    )
    told = (probe_ratio(ratios), traced.influence)
    confounding = confounds(loss, subject.rows)
    scores = {one.trait: suspicion(told, one.trait, confounding) for one in findings}
    overt = overt_rows(steps, subject, findings)
    shown = exposures(steps, subject, findings, overt, error_rate)
    largest = findings[0].trait
    verification = None
    if verified and (lead := _varying(scores[largest])) is not None:
        rng = np.random.default_rng(seed)
        verification = verify(steps, subject, largest, lead, rng)
    return Explanation(
        reason=None,
        exposures=shown,
        leads={
            trait: _leads(own, told_by(told, trait), subject.rows) for trait, own in scores.items()
        },
        poisoned=poisoned_shares(steps, subject, findings, shown, traced),
        verification=verification,
        unverified=None if verification else NONE_LEADS if verified else NOT_ASKED,
        suspects=frozenset(
            row
            for trait, one in shown.items()
            for row in suspects(one, overt[trait], scores[trait])
        ),
    )


def suspects(exposure: Exposure, overt: Mask, scores: Scores | None) -> set[int]:
    """The rows to set aside for one finding; 0-based. All of them, if it is hidden and no row
    leads: there is no ground to let any of them pass."""
    saying = {int(row) for row in np.flatnonzero(overt)}
    if exposure.kind is Openness.OVERT:
        return saying
    if (lead := _varying(scores)) is None:
        return set(range(len(overt)))
    leads = set(leading(lead, lead_count(len(lead))).tolist())
    return leads | saying if exposure.kind is Openness.BOTH else leads


def _leads(scores: Scores | None, methods: tuple[str, ...], rows: Sequence[Row]) -> Leads:
    if (lead := _varying(scores)) is None:
        return Leads(methods, (), NONE_LEADS)
    return Leads(methods, tuple(_lead(row, lead, rows) for row in leading(lead, LISTED)))


def _varying(scores: Scores | None) -> Scores | None:
    """The scores, if any row stands out by them."""
    return scores if scores is not None and float(np.ptp(scores)) > 0 else None


def _lead(index: int, scores: Scores, rows: Sequence[Row]) -> Lead:
    row = rows[index]
    return Lead(int(index) + 1, row.file, row.line, float(scores[index]), row.answer[:LONGEST])
