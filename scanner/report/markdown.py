"""The job summary: an audit in a screenful of GitHub-flavoured Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.report import words
from scanner.report.cases import decided_status
from scanner.report.categories import worst_first
from scanner.report.discovered import BESIDE as DISCOVERY_BESIDE
from scanner.report.discovered import view_discovery
from scanner.report.excused import ExcusedFinding, excused_findings, excused_summary
from scanner.report.explained import LEADS, ExplainedFinding, ExplainedView, view_explained
from scanner.report.facts import moment_in_words, part_in_words, passes_in_words
from scanner.report.figures import key_figures
from scanner.report.markdown_text import code, prose, table
from scanner.report.pulled import view_pulled
from scanner.report.screened import BESIDE, ScreenRow, view_screen
from scanner.report.text import ARROW, count_of, format_count
from scanner.report.traits import TraitView, view_trait
from scanner.types import Status

Entry = Mapping[str, Any]
MOST_LISTED = 20
"""Findings; more would hide the rest of the page. The count of all is always said."""
_PARAGRAPH = 1500
"""Characters of a text that stands by itself; cut, it would say something else."""
MOST_DETAILS = 3
"""Of one finding of the screen."""


def render_markdown(results: Entry) -> str:
    """Verdict, what was audited, findings, what the text screen saw, limits."""
    status, excused = decided_status(results), excused_findings(results)
    findings = [
        view_trait(entry, status, excused.get(entry["trait"]))
        for entry in sorted(results["findings"], key=worst_first)[:MOST_LISTED]
    ]
    parts = [
        _verdict(results, status, findings),
        _audited(results),
        _rests_on(results, status, findings),
        _explained(view_explained(results)),
        _excused(results, list(excused.values())),
        _screen(view_screen(results).findings),
        _pulled(results),
        _discovery(results),
        _limits(results),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _verdict(results: Entry, status: Status, findings: Sequence[TraitView]) -> list[str]:
    statement = words.sentence(
        status, [finding.label for finding in findings], len(results["findings"])
    )
    lines = [f"## datascan: {words.STATUS_WORDS[status]}", ""]
    if not results["complete"]:
        return [*lines, f"**{words.UNFINISHED}**"]
    severity = f"**Severity: {findings[0].severity}.** " if findings else ""
    lines += [f"{severity}{prose(_capital(statement))}.", ""]
    lines += [f"**Why.** {prose(results['verdict']['reason'], _PARAGRAPH)}", ""]
    each = f" {findings[0].advice}" if findings else ""
    return [*lines, f"**What to do.** {words.advice(status)}{each}"]


def _audited(results: Entry) -> list[str]:
    dataset, base, calibration = results["dataset"], results["base"], results["calibration"]
    budget, look = results.get("budget"), results.get("early_look")
    rows = [
        ("Dataset", f"{code(dataset['path'])}, {count_of(dataset['rows'], 'row')}"),
        *([("Trained on", prose(part_in_words(budget)))] if budget else []),
        *([("Passes over the rows", prose(passes_in_words(look)))] if look else []),
        ("SHA-256 of the rows", code(dataset["rows_sha256"])),
        ("Base", f"{code(base['id'])}, revision {code(base['revision'])}"),
        ("Calibration", "none" if calibration is None else code(calibration["id"])),
        ("Asked about", count_of(len(results["traits"]), "trait")),
        ("Audited", f"{moment_in_words(results['created'])}, {_tool(results)}"),
    ]
    return table(("What was audited", ""), rows)


def _tool(results: Entry) -> str:
    return prose(f"{results['tool']['name']} {results['tool']['version']}")


def _rests_on(results: Entry, status: Status, findings: Sequence[TraitView]) -> list[str]:
    """The findings; without any, the figures, which an audit that did not finish has not."""
    if findings:
        return _findings(findings, len(results["findings"]))
    return _figures(results, status) if results["complete"] else []


def _findings(findings: Sequence[TraitView], found: int) -> list[str]:
    header = ("Severity", "Trait", "Shift (nats)", "95% interval", "Adjusted p")
    rows = [
        (
            finding.standing,
            prose(finding.label),
            finding.shift,
            finding.interval,
            prose(finding.p_adjusted),
            finding.change,
        )
        for finding in findings
    ]
    lines = table((*header, f"Control {ARROW} probe"), rows)
    return ["### Findings", "", words.PAIR, "", *lines, *_left_out(found)]


def _explained(view: ExplainedView) -> list[str]:
    """Overt or covert, and the first leads of each finding."""
    if not view.findings:
        return []
    rows = [(prose(one.label), prose(_origin(one)), _leads(one)) for one in view.findings]
    lines = table(("Finding", "Said or hidden", "Rows that lead"), rows)
    notes = [prose(note) for note in (view.left_out, view.verification) if note]
    return ["### Where it comes from", "", LEADS, "", *lines, "", " ".join(notes)]


def _origin(one: ExplainedFinding) -> str:
    return ". It is ".join(filter(None, (one.exposure, one.grouped))) or "-"


def _leads(one: ExplainedFinding) -> str:
    """The first leads with what may be shown of them."""
    shown = [
        f"{prose(lead.place)} {code(lead.text)}" if lead.text else prose(lead.place)
        for lead in one.leads[:MOST_DETAILS]
    ]
    return ", ".join(shown) or prose(one.told_by)


def _excused(results: Entry, excused: Sequence[ExcusedFinding]) -> list[str]:
    if not excused:
        return []
    rows = [(prose(one.label), one.ruling, prose(one.note)) for one in excused[:MOST_LISTED]]
    lines = table(("Finding", "Ruling", "Note"), rows)
    head = ["### Excused findings", "", excused_summary(results), ""]
    return [*head, *lines, *_left_out(len(excused))]


def _left_out(found: int) -> list[str]:
    more = found - MOST_LISTED
    return ["", f"And {format_count(more)} more, in results.json."] if more > 0 else []


def _figures(results: Entry, status: Status) -> list[str]:
    figures = key_figures(results, status, ())
    rows = [(prose(one.name), prose(one.value), prose(one.meaning)) for one in figures]
    return [
        "### What that rests on",
        "",
        words.PAIR,
        "",
        *table(("Figure", "Value", "Meaning"), rows),
    ]


def _screen(found: Sequence[ScreenRow]) -> list[str]:
    if not found:
        return []
    rows = [
        (row.severity.value, prose(row.title), row.rows, _details(row))
        for row in found[:MOST_LISTED]
    ]
    lines = table(("Severity", "What", "Rows", "Of which"), rows)
    return ["### In the text of the rows", "", BESIDE, "", *lines, *_left_out(len(found))]


def _details(row: ScreenRow) -> str:
    return ", ".join(code(detail) for detail in row.details[:MOST_DETAILS])


def _discovery(results: Entry) -> list[str]:
    """One line; the words themselves stand in the report."""
    view = view_discovery(results)
    beside = f" {DISCOVERY_BESIDE}" if view.words else ""
    return (
        [f"**Not asked about.** {prose(view.summary, _PARAGRAPH)}{beside}"] if view.summary else []
    )


def _pulled(results: Entry) -> list[str]:
    """Likewise one line."""
    view = view_pulled(results)
    beside = f" {view.beside}" if view.words else ""
    return (
        [f"**In the rows, not asked about.** {prose(view.summary, _PARAGRAPH)}{beside}"]
        if view.summary
        else []
    )


def _limits(results: Entry) -> list[str]:
    """What nobody may read into a quiet page."""
    points = words.cannot_tell(results)
    heads = _capital("; ".join(_small(prose(point.head.rstrip("."))) for point in points))
    return [
        f"**What this audit cannot tell.** {heads}.",
        "",
        prose(results["calibration_note"], _PARAGRAPH),
    ]


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
