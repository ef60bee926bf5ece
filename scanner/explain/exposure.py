"""Overt or covert: is a finding still there without the rows that mention it?"""

from collections.abc import Mapping, Sequence

import numpy as np

from probes.battery import PreferenceBattery
from scanner.combine import behaviour_shows, combine, traces_show
from scanner.evidence.near_words import names_of
from scanner.evidence.traces import Traced
from scanner.explain.again import measure_without
from scanner.explain.explanation import Exposure, Openness
from scanner.explain.mentions import mentioning, plain_words, trait_words
from scanner.explain.subject import Mask, Subject
from scanner.steps import Steps
from scanner.types import TraitShift

STAGE = "overt"
"""What the time counts to."""
ON_A_PHRASE = "it shows on a phrase alone, and nothing was trained again without its rows"
HALF = 0.5
"""Where so much of the shift outlives the rows that mention it, they are beside the point. A
training repeated with other seeds moves a shift by a quarter (see the README's table of seeds)."""


def overt_rows(steps: Steps, subject: Subject, findings: Sequence[TraitShift]) -> dict[str, Mask]:
    """Which rows mention each finding: trait → mask."""
    words = trait_words(subject.batteries)
    near = _near_words(steps, subject, words)
    return {
        finding.trait: mentioning(
            subject.rows, words.get(finding.trait, frozenset()) | near.get(finding.trait, set())
        )
        for finding in findings
    }


def _near_words(
    steps: Steps, subject: Subject, words: Mapping[str, frozenset[str]]
) -> dict[str, set[str]]:
    named = [one for one in subject.batteries if isinstance(one, PreferenceBattery)]
    traits = [trait for battery in named for trait in battery.traits]
    answers = [answer for battery in named for answer in battery.answers]
    others = plain_words(subject.rows) - frozenset().union(*words.values())
    found = steps.near_words(subject.base, names_of(traits, answers), others)
    return {trait: set(near) for trait, near in found.items()}


def exposures(
    steps: Steps,
    subject: Subject,
    findings: Sequence[TraitShift],
    overt: Mapping[str, Mask],
    traced: Traced,
    error_rate: float,
) -> dict[str, Exposure]:
    """Every finding with and without the rows that mention any of them, which are dropped at once.

    Probes and controls are trained again only if a row is dropped and enough are left. Where traces
    decide, those of the rows that are left decide, too.
    """
    everywhere = [finding for finding in findings if finding.behind is None]
    dropped = np.logical_or.reduce([overt[finding.trait] for finding in everywhere or findings])
    left = int((~dropped).sum())
    again: dict[str, TraitShift] = {}
    if everywhere and dropped.any() and enough_rows(subject, left):
        measured = measure_without(steps, subject, dropped, STAGE)
        weighed = measured.weighed()
        if any(finding.p_traced is not None for finding in findings):
            weighed = combine(weighed, traced.of_part(subject.rows, ~dropped))
        again = {trait.trait: trait for trait in weighed}
    return {
        finding.trait: _exposure(
            finding, int(overt[finding.trait].sum()), left, again.get(finding.trait), error_rate
        )
        for finding in findings
    }


def enough_rows(subject: Subject, rows: int) -> bool:
    """Whether trainings on so many rows show anything: after one that stopped early, half of the
    updates do within which a finding was clear."""
    least = subject.recipe.least_updates
    if subject.part.stop is not None:
        least = min(least, subject.updates(len(subject.rows)) // 2)
    return subject.updates(rows) >= least


def _exposure(
    finding: TraitShift, mentions: int, left: int, again: TraitShift | None, error_rate: float
) -> Exposure:
    if mentions == 0:
        reason = "no row mentions it: there was nothing to drop, and nothing was trained again"
        return Exposure(
            0, left, finding.shift, finding.ci_low, finding.ci_high, Openness.COVERT, reason
        )
    if finding.behind is not None:
        return Exposure(mentions, left, None, None, None, Openness.OVERT, ON_A_PHRASE)
    if again is None:
        reason = (
            f"{left} rows do not mention it, too few to train on: whether they hide it, too, is "
            "not known"
        )
        return Exposure(mentions, left, None, None, None, Openness.OVERT, reason)
    kind = openness(finding, again, error_rate)
    return Exposure(mentions, left, again.shift, again.ci_low, again.ci_high, kind, None)


def openness(finding: TraitShift, again: TraitShift, error_rate: float) -> Openness:
    """What a finding is, given what is left of it without its mentions. The traces of the rows that
    are left show it whichever way the probes moved; of a finding that behaviour did not make, they
    alone say whether it is hidden."""
    behaves_again = again.shift * finding.shift > 0 and behaviour_shows(again, error_rate)
    if not (behaves_again or traces_show(again, error_rate)):
        return Openness.OVERT
    if not behaviour_shows(finding, error_rate):
        return Openness.COVERT
    left = again.shift / finding.shift
    return Openness.COVERT if left >= HALF else Openness.BOTH
