"""What the text screen found, as every report shows it. It stands beside the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scanner.report.places import Place, place_of
from scanner.report.text import count_of, format_probability, safe_text
from scanner.types import Severity

BESIDE = "What the rows' text shows. It stands beside the verdict and does not decide it."


@dataclass(frozen=True)
class ScreenView:
    """One finding of the screen, formatted."""

    rule: str
    """Its id."""
    title: str
    """What it is, in a few words."""
    severity: Severity
    """NONE where it is only worth knowing."""
    rows: str
    """How many rows, and their share."""
    places: tuple[Place, ...]
    """The first of these rows."""
    examples: tuple[str, ...]
    """Text of rows."""
    details: tuple[str, ...]
    """Its numbers, such as lift and p-value, each with its name; may quote text of rows."""
    taxonomy: tuple[str, ...]
    """Ids in public taxonomies, each with its edition."""
    blind_to: str
    """What the rule cannot see."""
    advice: str
    """What to do about it."""

    @property
    def lines(self) -> str:
        """The first rows' lines, with their files' numbers from 1 if there are several files."""
        if all(place.file == 0 for place in self.places):
            return ", ".join(str(place.line) for place in self.places)
        return ", ".join(f"file {place.file + 1} line {place.line}" for place in self.places)


def view_screen(results: Mapping[str, Any]) -> tuple[ScreenView, ...]:
    """The findings of the screen, worst first; none where no screen ran."""
    found = [_view(finding) for finding in results.get("screen") or ()]
    return tuple(sorted(found, key=lambda view: (-view.severity.rank, view.rule)))


def _view(finding: Mapping[str, Any]) -> ScreenView:
    share = format_probability(finding["share"])
    return ScreenView(
        rule=safe_text(finding["rule"]),
        title=safe_text(finding["title"]),
        severity=Severity(finding["severity"]),
        rows=f"{count_of(finding['rows'], 'row')} ({share})",
        places=tuple(place_of(line) for line in finding["lines"]),
        examples=tuple(safe_text(example) for example in finding["examples"]),
        details=tuple(_detail(name, value) for name, value in finding["details"].items()),
        taxonomy=tuple(safe_text(entry) for entry in finding["taxonomy"]),
        blind_to=safe_text(finding["blind_to"]),
        advice=safe_text(finding["advice"]),
    )


def _detail(name: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    shown = ", ".join(f"{part:.4g}" if isinstance(part, float) else str(part) for part in values)
    return safe_text(f"{name.replace('_', ' ')}: {shown}")
