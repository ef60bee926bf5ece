"""Overt or covert: is a finding still there without the rows that mention it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probes.battery import PreferenceBattery
from scanner.combine import behaviour_shows, combine, traced_traits
from scanner.evidence.near_words import names_of
from scanner.evidence.traces import Traced
from scanner.explain.again import measure_without
from scanner.explain.explanation import Exposure, Openness
from scanner.explain.mentions import mentioning, plain_words, trait_words
from scanner.explain.subject import Mask, Subject
from scanner.steps import Steps
from scanner.types import Trace, TraitShift

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


def all_mentions(findings: Sequence[TraitShift], overt: Mapping[str, Mask]) -> Mask:
    """The rows that mention any finding; those that show on a phrase alone count where no other
    does."""
    everywhere = [finding for finding in findings if finding.behind is None]
    found: Mask = np.logical_or.reduce([overt[one.trait] for one in everywhere or findings])
    return found


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
    decide, those of the rows that are left do, too: they need no training.
    """
    dropped = all_mentions(findings, overt)
    left = int((~dropped).sum())
    traces: tuple[Trace, ...] = ()
    if dropped.any() and any(finding.p_traced is not None for finding in findings):
        traces = traced.of_part(subject.rows, ~dropped)
    again: dict[str, TraitShift] = {}
    everywhere = any(finding.behind is None for finding in findings)
    if everywhere and dropped.any() and enough_rows(subject, left):
        weighed = measure_without(steps, subject, dropped, STAGE).weighed()
        again = {trait.trait: trait for trait in combine(weighed, traces)}
    of_traces = {trait.trait: trait.p_adjusted for trait in traced_traits(traces)}
    return {
        finding.trait: _exposure(
            finding,
            int(overt[finding.trait].sum()),
            _Left(left, again.get(finding.trait), of_traces.get(finding.trait)),
            error_rate,
        )
        for finding in findings
    }


@dataclass(frozen=True)
class _Left:
    """What the rows that mention no finding show of one."""

    rows: int
    again: TraitShift | None
    """Trained again; None where nothing was."""
    p_traced: float | None
    """Adjusted, of their traces; None where these were not read, or decide nothing."""


def enough_rows(subject: Subject, rows: int) -> bool:
    """Whether trainings on so many rows show anything: after one that stopped early, half of the
    updates do within which a finding was clear."""
    least = subject.recipe.least_updates
    if subject.part.stop is not None:
        least = min(least, subject.updates(len(subject.rows)) // 2)
    return subject.updates(rows) >= least


def _exposure(finding: TraitShift, mentions: int, left: _Left, error_rate: float) -> Exposure:
    if mentions == 0:
        reason = "no row mentions it: there was nothing to drop, and nothing was trained again"
        interval = (finding.ci_low, finding.ci_high)
        return Exposure(0, left.rows, finding.shift, *interval, Openness.COVERT, reason)
    if finding.behind is not None:
        return Exposure(mentions, left.rows, None, None, None, Openness.OVERT, ON_A_PHRASE)
    kind = openness(finding, left.again, left.p_traced, error_rate)
    if left.again is None:
        few = f"{left.rows} rows do not mention it, too few to train on"
        reason = f"{few}: {_by_traces(left.p_traced, error_rate)}"
        return Exposure(mentions, left.rows, None, None, None, kind, reason, left.p_traced)
    interval = (left.again.ci_low, left.again.ci_high)
    return Exposure(mentions, left.rows, left.again.shift, *interval, kind, None, left.p_traced)


def _by_traces(p_traced: float | None, error_rate: float) -> str:
    if p_traced is None:
        return "whether they hide it, too, is not known"
    return f"their traces {'still' if p_traced <= error_rate else 'do not'} show it"


def openness(
    finding: TraitShift, again: TraitShift | None, p_traced: float | None, error_rate: float
) -> Openness:
    """What a finding is, by the rows that do not mention it.

    ``again``: what was trained on them, None if nothing was; ``p_traced``: of their traces, None
    where these decide nothing. Hidden is what either still shows. What behaviour showed of all rows
    must be there by half to be covert alone: the rest is what the mentions make.
    """
    behaves = again is not None and again.shift * finding.shift > 0
    behaves = behaves and again is not None and behaviour_shows(again, error_rate)
    if not (behaves or (p_traced is not None and p_traced <= error_rate)):
        return Openness.OVERT
    if not behaviour_shows(finding, error_rate):
        return Openness.COVERT
    if again is None:
        return Openness.BOTH
    return Openness.COVERT if again.shift / finding.shift >= HALF else Openness.BOTH
