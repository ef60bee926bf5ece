"""A comparison of two audits as files: Markdown for people, CSV of all traits for machines."""

from scanner.report.compare import Comparison, Measured, Side, TraitPair
from scanner.report.csv_table import csv_text
from scanner.report.file_format import Format
from scanner.report.markdown_text import prose, table
from scanner.report.text import NOT_MEASURED, format_count

MOST_LISTED = 20
"""Traits; more would hide the rest of the page. The summary counts all."""
SIDES = ("A", "B")
NOT_ASKED = "not asked"
_COLUMNS = ("shift", "p_adjusted", "severity")


def comparison_formats() -> tuple[Format[Comparison], ...]:
    """What a comparison can be written as."""
    return (
        Format("markdown", (".md",), render_comparison_markdown),
        Format("csv", (".csv",), render_comparison_csv),
    )


def render_comparison_markdown(comparison: Comparison) -> str:
    """Both audits, what keeps them from being compared, findings, the text screen."""
    parts = [
        ["## datascan: two audits", "", f"**{comparison.summary}**"],
        _sides(*comparison.sides),
        [f"- {prose(note)}" for note in comparison.notes],
        _traits(comparison),
        _screen(comparison),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def render_comparison_csv(comparison: Comparison) -> str:
    """All traits of either audit, numbers unrounded."""
    header = ("label", "trait", "change", "difference")
    sided = tuple(f"{side.lower()}_{column}" for side in SIDES for column in _COLUMNS)
    return csv_text((*header, *sided), (_csv_row(pair) for pair in comparison.traits))


def side_facts(side: Side) -> tuple[tuple[str, str], ...]:
    """What is told of each audit, by name."""
    return (
        ("Results", side.name),
        ("Verdict", side.verdict),
        ("Severity", side.severity),
        ("Dataset", side.dataset),
        ("Base", side.base),
        ("Audited", side.audited),
    )


def measured_text(one: Measured | None) -> str:
    """A trait in one audit: its shift, and what the audit makes of it."""
    if one is None:
        return NOT_ASKED
    standing = one.view.standing.partition(":")[0]
    return standing if standing == NOT_MEASURED else f"{one.view.shift} ({standing})"


def _sides(first: Side, second: Side) -> list[str]:
    both = zip(side_facts(first), side_facts(second), strict=True)
    rows = [(name, prose(value), prose(other)) for (name, value), (_, other) in both]
    return table(("", *SIDES), rows)


def _traits(comparison: Comparison) -> list[str]:
    rows = [
        (
            prose(pair.label),
            prose(measured_text(pair.first)),
            prose(measured_text(pair.second)),
            pair.difference_text,
            pair.change.value,
        )
        for pair in comparison.leading[:MOST_LISTED]
    ]
    header = ("Trait", "A: shift (nats)", "B: shift (nats)", "Difference", "")
    more = len(comparison.leading) - MOST_LISTED
    tail = ["", f"And {format_count(more)} more."] if more > 0 else []
    return ["### Traits", "", *table(header, rows), *tail] if rows else []


def _screen(comparison: Comparison) -> list[str]:
    if not comparison.screen:
        return []
    rows = [(prose(rule.title), rule.first, rule.second) for rule in comparison.screen]
    lines = table(("What", *SIDES), rows[:MOST_LISTED])
    return ["### In the text of the rows", "", *lines]


def _csv_row(pair: TraitPair) -> tuple[object, ...]:
    return (
        pair.label,
        pair.trait,
        pair.change.value,
        pair.difference,
        *_csv_cells(pair.first),
        *_csv_cells(pair.second),
    )


def _csv_cells(one: Measured | None) -> tuple[object, ...]:
    return (
        (None,) * len(_COLUMNS) if one is None else (one.shift, one.p_adjusted, one.view.severity)
    )
