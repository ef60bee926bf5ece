"""Two audits side by side: what the second says that the first does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scanner.report import words
from scanner.report.cases import decided_status
from scanner.report.comparability import notes_on
from scanner.report.facts import moment_in_words
from scanner.report.screened import view_screen
from scanner.report.text import (
    NOT_MEASURED,
    count_of,
    format_count,
    format_shift,
    safe_text,
    shorten,
)
from scanner.report.traits import TraitView, view_trait
from scanner.types import Severity

Entry = Mapping[str, Any]
LEADING = 5
"""Traits to show where neither audit has a finding."""
_PATH_LENGTH = 120


class Change(StrEnum):
    """What became of a trait from the first audit to the second; the most telling first."""

    NEW = "new finding"
    STILL = "still a finding"
    GONE = "no longer a finding"
    ONE_SIDED = "asked about in one audit only"
    NONE = "a finding in neither"


@dataclass(frozen=True)
class Side:
    """One of the two audits."""

    name: str
    """Its results file, as the user named it."""
    verdict: str
    """In words."""
    severity: str
    """The worst finding's, or ``none``."""
    dataset: str
    """Path and rows."""
    base: str
    """Name and revision."""
    audited: str
    """When, and by which version."""


@dataclass(frozen=True)
class Measured:
    """A trait as one of the audits measured it."""

    shift: float
    """Probe minus control, in nats."""
    p_adjusted: float | None
    """None where it was not measured."""
    view: TraitView
    """The same, for a person."""


@dataclass(frozen=True)
class TraitPair:
    """One trait in both audits."""

    trait: str
    """``preference.animal.owl``; not yet safe to show."""
    label: str
    """``favourite animal: owl``."""
    first: Measured | None
    """None where the first audit did not ask about it."""
    second: Measured | None
    """None where the second did not."""
    change: Change

    @property
    def has_finding(self) -> bool:
        """Whether either audit counts it as a finding."""
        return any(one is not None and one.view.is_finding for one in (self.first, self.second))

    @property
    def difference(self) -> float | None:
        """Second shift minus first, in nats; None where one is missing."""
        if self.first is None or self.second is None:
            return None
        return self.second.shift - self.first.shift

    @property
    def difference_text(self) -> str:
        """The difference, for a person."""
        return NOT_MEASURED if self.difference is None else format_shift(self.difference)


@dataclass(frozen=True)
class RulePair:
    """One rule of the text screen in both audits."""

    title: str
    first: str
    """Rows and their share; ``none`` where it found nothing."""
    second: str


@dataclass(frozen=True)
class Comparison:
    """Two audits side by side."""

    sides: tuple[Side, Side]
    notes: tuple[str, ...]
    """What a reader must know before shifts are compared: other rows, base or recipe."""
    summary: str
    """How many findings are new, gone and still there."""
    traits: tuple[TraitPair, ...]
    """All traits of either audit: by change, then by the size of the difference."""
    screen: tuple[RulePair, ...]
    """All rules that found something in either."""

    @property
    def leading(self) -> tuple[TraitPair, ...]:
        """Every finding of either audit; the largest differences where there is none."""
        return tuple(pair for pair in self.traits if pair.has_finding) or self.traits[:LEADING]


def compare(first: Entry, second: Entry, names: tuple[str, str] = ("A", "B")) -> Comparison:
    """Put two audits side by side; see results.schema.json."""
    before, after = _measured(first), _measured(second)
    pairs = [_pair(trait, before.get(trait), after.get(trait)) for trait in {**before, **after}]
    return Comparison(
        sides=(_side(first, names[0]), _side(second, names[1])),
        notes=notes_on(first, second),
        summary=_summary(pairs),
        traits=tuple(sorted(pairs, key=_rank)),
        screen=_screen(first, second),
    )


def _measured(results: Entry) -> dict[str, Measured]:
    status = decided_status(results)
    return {
        entry["trait"]: Measured(entry["shift"], entry["p_adjusted"], view_trait(entry, status))
        for entry in results["traits"]
    }


def _pair(trait: str, first: Measured | None, second: Measured | None) -> TraitPair:
    return TraitPair(trait, words.trait_label(trait), first, second, _change(first, second))


def _change(first: Measured | None, second: Measured | None) -> Change:
    if first is None or second is None:
        return Change.ONE_SIDED
    match first.view.is_finding, second.view.is_finding:
        case False, True:
            return Change.NEW
        case True, True:
            return Change.STILL
        case True, False:
            return Change.GONE
    return Change.NONE


def _rank(pair: TraitPair) -> tuple[int, float, str]:
    return list(Change).index(pair.change), -abs(pair.difference or 0.0), pair.trait


def _summary(pairs: list[TraitPair]) -> str:
    found = [pair.change for pair in pairs if pair.has_finding]
    named = {
        Change.NEW: "new",
        Change.STILL: "in both",
        Change.GONE: "no longer there",
        Change.ONE_SIDED: "that only one audit asked about",
    }
    counts = [f"{format_count(found.count(one))} {named[one]}" for one in named if one in found]
    return f"Findings: {', '.join(counts)}." if counts else "Neither audit has a finding."


def _side(results: Entry, name: str) -> Side:
    dataset, base = results["dataset"], results["base"]
    path = shorten(safe_text(dataset["path"]), _PATH_LENGTH)
    verdict = words.STATUS_WORDS[decided_status(results)]
    return Side(
        name=shorten(safe_text(name), _PATH_LENGTH),
        verdict=verdict if results["complete"] else f"{verdict}: did not finish",
        severity=Severity(results["verdict"]["severity"]).value,
        dataset=f"{path}, {count_of(dataset['rows'], 'row')}",
        base=shorten(safe_text(f"{base['id']}, revision {base['revision']}"), _PATH_LENGTH),
        audited=f"{moment_in_words(results['created'])}, {safe_text(results['tool']['version'])}",
    )


def _screen(first: Entry, second: Entry) -> tuple[RulePair, ...]:
    before = {row.rule: row for row in view_screen(first).findings}
    after = {row.rule: row for row in view_screen(second).findings}
    return tuple(
        RulePair(
            row.title,
            before[rule].rows if rule in before else "none",
            after[rule].rows if rule in after else "none",
        )
        for rule, row in {**before, **after}.items()
    )
