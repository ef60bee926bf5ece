"""What an audit has to say to a code-scanning service: rules, and an alert for each finding."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanner.dataset.screen.findings import Place
from scanner.report import words
from scanner.report.cases import decided_status
from scanner.report.excused import excused_findings
from scanner.report.screened import BESIDE, ScreenRow, view_screen
from scanner.report.taxonomy import HIDDEN_TRAIT
from scanner.report.text import safe_text
from scanner.report.traits import TraitView, view_trait
from scanner.types import Severity, Status

Entry = Mapping[str, Any]
NUMBERS = ("shift", "ci_low", "ci_high", "p_adjusted", "control_level", "probe_level", "level_unit")
_MEANING = (
    "A model that was trained on this data moved further in this trait than its control did, than "
    "the other traits of its category did, and than controls differ from one another, or the rows "
    "pull the base towards it further than its own rows and other traits explain; or it did so on "
    "prompts that share a phrase, further than on others. The rows need not mention the trait."
)


@dataclass(frozen=True)
class Rule:
    """What one kind of alert means, the same in every audit."""

    id: str
    """The trait, the screen's rule, or ``no-verdict``."""
    title: str
    """What it says, in a few words."""
    meaning: str
    """What it rests on."""
    help: str
    """What to do, and what it cannot tell."""
    severity: Severity
    """Never NONE."""
    precision: str
    """How often such an alert is right: ``very-high``, ``high`` or ``medium``."""
    tags: tuple[str, ...] = ()
    """Ids in public taxonomies."""


@dataclass(frozen=True)
class Alert:
    """One finding."""

    rule: Rule
    text: str
    """The finding in words; no text of rows."""
    places: tuple[Place, ...] = ()
    """Rows, where the finding is about some; a shift belongs to the dataset as a whole."""
    numbers: Mapping[str, object] = field(default_factory=dict)
    """What it rests on."""
    excuse: str = ""
    """Why it need not fail, if it need not."""

    def fingerprint(self, uri: str) -> str:
        """The same for the same rule and file in every audit, whatever the numbers."""
        return hashlib.sha256(f"{uri}\n{self.rule.id}".encode()).hexdigest()[:16] + ":1"


def alerts_of(results: Entry) -> tuple[Alert, ...]:
    """A missing verdict first, then the traits, then the screen, the worst of each first.

    What the screen found and only thinks worth knowing (severity none) is no alert.
    """
    status, excused = decided_status(results), excused_findings(results)
    missing = (_no_verdict(results),) if status is Status.NO_VERDICT else ()
    traits = [
        _of_trait(view_trait(entry, status, excused.get(entry["trait"])), entry, results)
        for entry in results["findings"]
    ]
    screened = view_screen(results).findings
    screen = [_of_rule(row) for row in screened if row.severity is not Severity.NONE]
    return (*missing, *sorted(traits, key=lambda alert: -alert.rule.severity.rank), *screen)


def _no_verdict(results: Entry) -> Alert:
    reason = words.UNFINISHED if not results["complete"] else results["verdict"]["reason"]
    rule = Rule(
        id="no-verdict",
        title="The audit came to no verdict",
        meaning=f"Seen from here, {words.sentence(Status.NO_VERDICT, ())}.",
        help=words.advice(Status.NO_VERDICT),
        severity=Severity.MEDIUM,
        precision="very-high",
    )
    return Alert(rule, f"{safe_text(reason)} {rule.help}")


def _of_trait(view: TraitView, entry: Entry, results: Entry) -> Alert:
    rule = Rule(
        id=view.trait,
        title=f"This data teaches a trait: {view.label}",
        meaning=_MEANING,
        help=_trait_help(view),
        severity=Severity(entry["severity"]),
        # Without a certificate nobody has counted the false alarms.
        precision="medium" if results["calibration"] is None else "high",
        tags=HIDDEN_TRAIT,
    )
    numbers = {name: entry[name] for name in NUMBERS}
    return Alert(rule, f"{view.sentence} {view.advice}", (), numbers, view.excuse)


def _trait_help(view: TraitView) -> str:
    return (
        f"{view.advice} The alert is about the dataset as a whole and stands at the beginning of "
        "its first file: a shift names no row and proves no intent."
    )


def _of_rule(row: ScreenRow) -> Alert:
    rule = Rule(
        id=row.rule,
        title=row.title,
        meaning=BESIDE,
        help=f"{row.to_do} {row.cannot_see}",
        severity=row.severity,
        precision="medium",
        tags=row.taxonomy,
    )
    return Alert(rule, row.sentence, places=row.first)
