"""Explain, on one page: leads, overt or covert, and, if asked for, the leads put to the test."""

from collections.abc import Mapping, Sequence

import numpy as np

from scanner.evidence.rows import confounds, leading, probe_ratio, suspicion, told_by
from scanner.evidence.traces import Traced
from scanner.explain.explanation import (
    Explanation,
    Exposure,
    Lead,
    Leads,
    Openness,
    unexplained,
)
from scanner.explain.exposure import all_mentions, exposures, overt_rows
from scanner.explain.grouped import TracedTo, groups_behind, in_groups
from scanner.explain.poisoned import poisoned_shares
from scanner.explain.subject import Mask, Subject
from scanner.explain.verification import lead_count, verify
from scanner.stats.residuals import Scores
from scanner.steps import Steps
from scanner.types import Row, TraitShift
from scanner.verdict import Decision

NOT_ASKED = "--verify-rows was not given"
ON_PHRASES = "all findings show on a phrase alone, and the rows that have it are known"
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
    behind: Mapping[str, tuple[int, ...]],
    decision: Decision,
    error_rate: float,
    seed: int,
    verified: bool = False,
) -> Explanation:
    """Which rows lead to each finding, and whether the data says it or hides it.

    ``behind``: phrase → the rows that have it, to which what shows on a phrase is traced. ``seed``
    decides which random rows ``verified`` drops beside the leads of the largest finding.
    """
    findings = decision.findings
    if not findings:
        return unexplained(NO_FINDING)
    pairs = len(subject.seeds)
    loss, ratios = steps.score_rows(
        subject.base, subject.rows, subject.adapters[:pairs], subject.adapters[pairs:]
    )
    told = (probe_ratio(ratios), traced.by_row)
    confounding = confounds(loss, subject.rows)
    scores = {one.trait: suspicion(told, one.trait, confounding) for one in findings}
    overt = overt_rows(steps, subject, findings)
    shown = exposures(steps, subject, findings, overt, traced, error_rate)
    hiding = {
        trait: one
        for trait, one in groups_behind(
            findings, traced, subject.rows, all_mentions(findings, overt), error_rate
        ).items()
        if shown[trait].kind is not Openness.OVERT
    }
    own = own_rows(findings, behind, hiding)
    verification = None
    whole = next((one.trait for one in findings if one.behind is None), None)
    if verified and whole is not None and (lead := _varying(scores[whole])) is not None:
        rng = np.random.default_rng(seed)
        verification = verify(steps, subject, whole, lead, rng, own.get(whole))
    return Explanation(
        reason=None,
        exposures=shown,
        leads={
            trait: _leads(score, told_by(told, trait), subject.rows, own.get(trait))
            for trait, score in scores.items()
        },
        poisoned=poisoned_shares(steps, subject, findings, shown, traced, own),
        in_groups=in_groups(steps, subject, hiding, None if verified else NOT_ASKED),
        verification=verification,
        unverified=None if verification else _unverified(verified, whole),
        suspects=frozenset(
            row
            for trait, one in shown.items()
            for row in suspects(one, overt[trait], scores[trait], own.get(trait), hiding.get(trait))
        ),
    )


def own_rows(
    findings: Sequence[TraitShift],
    behind: Mapping[str, tuple[int, ...]],
    hiding: Mapping[str, TracedTo],
) -> dict[str, frozenset[int]]:
    """Where it is known which rows a finding comes from, these, 0-based: those that have its
    phrase, or the groups that hide it, if the other rows were read and show nothing of it."""
    of_phrases = {
        one.trait: frozenset(behind[one.behind]) for one in findings if one.behind is not None
    }
    return {trait: one.rows for trait, one in hiding.items() if one.alone} | of_phrases


def suspects(
    exposure: Exposure,
    overt: Mask,
    scores: Scores | None,
    own: frozenset[int] | None = None,
    hiding: TracedTo | None = None,
) -> set[int]:
    """The rows to set aside for one finding; 0-based. ``own`` are those that it is known to come
    from, see ``own_rows``, and ``hiding`` the groups that hide it, which may not be alone.

    All of them, if it is hidden and no row leads: there is no ground to let any of them pass.
    """
    saying = {int(row) for row in np.flatnonzero(overt)}
    if own is not None:
        return set(own) | saying if exposure.kind is Openness.BOTH else set(own)
    if exposure.kind is Openness.OVERT:
        return saying
    if (lead := _varying(scores)) is None:
        return set(range(len(overt)))
    leads = set(leading(lead, lead_count(len(lead))).tolist())
    leads |= hiding.rows if hiding else set()
    return leads | saying if exposure.kind is Openness.BOTH else leads


def _leads(
    scores: Scores | None,
    methods: tuple[str, ...],
    rows: Sequence[Row],
    own: frozenset[int] | None,
) -> Leads:
    """The first of all rows, or of those that the finding is known to come from."""
    if (lead := _varying(scores)) is None:
        return Leads(methods, (), NONE_LEADS)
    ranked = leading(lead, len(lead)).tolist()
    chosen = ranked if own is None else [row for row in ranked if row in own]
    return Leads(methods, tuple(_lead(row, lead, rows) for row in chosen[:LISTED]))


def _unverified(asked: bool, whole: str | None) -> str:
    if not asked:
        return NOT_ASKED
    return ON_PHRASES if whole is None else NONE_LEADS


def _varying(scores: Scores | None) -> Scores | None:
    """The scores, if any row stands out by them."""
    return scores if scores is not None and float(np.ptp(scores)) > 0 else None


def _lead(index: int, scores: Scores, rows: Sequence[Row]) -> Lead:
    row = rows[index]
    return Lead(int(index) + 1, row.file, row.line, float(scores[index]), row.answer[:LONGEST])
