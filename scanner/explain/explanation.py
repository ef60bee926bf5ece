"""What explaining hands to the report and to those who act on it: plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scanner.stats.shares import Share


class Openness(StrEnum):
    """Whether rows say a trait or hide it."""

    OVERT = "overt"
    """Without the rows that mention it nothing is found."""
    COVERT = "covert"
    """No row mentions it, or the rows that do make little of it: without them at least half of the
    shift is left, or, where traces alone had shown it, these still do."""
    BOTH = "both"
    """Rows mention it, and without them it is still found, by less than half of the shift or by
    traces alone."""


@dataclass(frozen=True)
class Exposure:
    """One finding, with and without the rows that mention it."""

    overt_rows: int
    """Rows that mention it."""
    rows_left: int
    """Rows that the shift was measured on again: without those that mention any finding."""
    shift_without_overt: float | None
    """Probe − control on these rows, in nats; None if it was not measured."""
    ci_low: float | None
    ci_high: float | None
    """Its 95% interval."""
    kind: Openness
    reason: str | None
    """Why nothing was trained again, where nothing was."""
    p_traced: float | None = None
    """Adjusted, of the traces of the rows left; None where nothing was dropped, or traces decide
    nothing."""


@dataclass(frozen=True)
class Lead:
    """A row that a finding may come from."""

    row: int
    """1-based number among the rows that are trained on."""
    file: int
    line: int
    """As in ``scanner.types.Row``."""
    score: float
    """In standard deviations over all rows."""
    text: str
    """The row's answer, cut."""


@dataclass(frozen=True)
class Leads:
    """The rows that a finding most likely comes from. Leads, no proof."""

    methods: tuple[str, ...]
    """Whose scores were put together."""
    rows: tuple[Lead, ...]
    """The highest scores, highest first."""
    reason: str | None = None
    """Why there are none, where that is so."""


@dataclass(frozen=True)
class PoisonedShare:
    """Which share of the rows carries a finding. Rows that look like the twin's count as its: where
    the two kinds are hard to tell apart, the true share is larger."""

    share: float | None
    """At the best fit."""
    at_least: float | None
    """The least that is as good as certain (95%)."""
    reason: str | None
    """Why there is none, where that is so."""


@dataclass(frozen=True)
class AloneGroup:
    """A group of rows whose traces show a finding by themselves."""

    name: str
    rows: int
    """In the group."""
    passes: int | None
    """Over the group's rows, of the probes and controls that were trained on these alone; None
    where none were."""
    shift: float | None
    """Of these, in nats."""
    ci_low: float | None
    ci_high: float | None
    """Its 95% interval."""
    p_adjusted: float | None
    """Corrected for all traits."""
    reason: str | None
    """Why nothing was trained on the group alone, where that is so."""


@dataclass(frozen=True)
class InGroups:
    """A finding that groups of rows show by their own traces."""

    groups: tuple[AloneGroup, ...]
    """The clearest first; each is clearest once those before it are left out."""
    p_outside: float | None
    """Adjusted, of the traces in all other rows and their groups: what it would be if these were
    all there is. None if they are too much alike to say."""
    alone: bool
    """Whether these were measured, and would be no finding."""


@dataclass(frozen=True)
class Dropped:
    """What became of the shift when some rows were dropped."""

    shift: float | None
    """Measured on the rows left, in nats; None if nobody asked."""
    removed: Share | None
    """What share of the shift went with them; None where there is no interval."""


@dataclass(frozen=True)
class Verification:
    """The leads put to the test: drop them, and as many random rows, and train again."""

    trait: str
    """The finding that was verified: the largest."""
    rows: int
    """Rows dropped each time."""
    leads: Dropped
    random: Dropped
    gain: Share | None
    """By how much more of the shift went with the leads than with random rows, as a share."""


@dataclass(frozen=True)
class Explanation:
    """All that was found out about the findings."""

    reason: str | None
    """Why nothing was explained, where nothing was."""
    exposures: Mapping[str, Exposure] = field(default_factory=dict)
    """By finding."""
    leads: Mapping[str, Leads] = field(default_factory=dict)
    """By finding."""
    poisoned: Mapping[str, PoisonedShare] = field(default_factory=dict)
    """By finding."""
    in_groups: Mapping[str, InGroups] = field(default_factory=dict)
    """By finding: those that groups of the rows show."""
    verification: Verification | None = None
    unverified: str | None = None
    """Why the leads were not put to the test, where they were not."""
    suspects: frozenset[int] = frozenset()
    """0-based numbers of the rows to set aside. Of a finding that is overt or both, the rows that
    mention it; of one that is covert or both, the groups that show it, and, unless they are alone
    in it, the tenth of all rows that leads (all rows, if none leads); of one that shows on a phrase
    the rows that have it."""


def unexplained(reason: str) -> Explanation:
    """Nothing was explained, and why."""
    return Explanation(reason, unverified=reason)
