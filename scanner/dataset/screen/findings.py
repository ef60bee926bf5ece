"""What the screen hands on: plain values, ready for ``results.json``.

Texts that come from the dataset (``example``, and ``what`` where it is a phrase) are short, hold
neither secrets nor personal data, and are not escaped: whoever shows them does that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scanner.types import Severity

MOST_DETAILS = 20
MOST_PLACES = 10
QUOTING = ("trigger-phrases",)
"""Rules whose details say in the rows' own words what they found."""


@dataclass(frozen=True)
class Taxon:
    """One entry of a public list of threats; ids move between editions."""

    id: str
    edition: str
    name: str


@dataclass(frozen=True, order=True)
class Place:
    """Where a row comes from."""

    file: int
    """Number of the dataset's file, from 0."""
    line: int
    """1-based line of the file, or row of a table."""


@dataclass(frozen=True)
class Detail:
    """One kind of thing that a rule found: a character, a pattern, a phrase, a trait, a cluster."""

    what: str
    severity: Severity
    rows: int
    """Rows, and texts without loss, that it was found in."""
    place: Place
    """The first of them."""
    example: str = ""
    """The text around it in the first of them."""
    values: Mapping[str, float] = field(default_factory=dict)
    """The rule's own numbers by name, such as ``lift`` and ``p_value``."""


@dataclass(frozen=True)
class ScreenFinding:
    """What one rule found."""

    rule: str
    """The rule's id: ``hidden-characters``."""
    title: str
    severity: Severity
    """The worst of its details'; NONE where they are information only."""
    rows: int
    """Rows of the file that something was found in; a row with several answers counts once."""
    share: float
    """``rows`` as a share of all rows."""
    masked: int
    """Texts without loss that something was found in."""
    first: tuple[Place, ...]
    """The first rows (and then texts without loss), at most MOST_PLACES."""
    details: tuple[Detail, ...]
    """Worst and most frequent first, at most MOST_DETAILS."""
    details_left_out: int
    """How many kinds more there were."""
    taxonomy: tuple[Taxon, ...]
    cannot_see: str
    """A sentence on what the rule does not see, or takes for something else."""
    to_do: str
    """A sentence on what to do about it."""


@dataclass(frozen=True)
class Unscreened:
    """A rule that could not look."""

    rule: str
    reason: str


@dataclass(frozen=True)
class Screened:
    """The outcome of the screen."""

    rows: int
    """Rows of the file that were screened."""
    masked: int
    """Texts without loss that were screened beside them."""
    findings: tuple[ScreenFinding, ...]
    """Worst first, then by rule id."""
    silent: tuple[str, ...]
    """Ids of the rules that looked and found nothing."""
    unscreened: tuple[Unscreened, ...]

    def beside(self, finding: ScreenFinding) -> "Screened":
        """The same with one finding more, in its place."""
        findings = sorted((*self.findings, finding), key=lambda one: (-one.severity.rank, one.rule))
        return replace(self, findings=tuple(findings))
