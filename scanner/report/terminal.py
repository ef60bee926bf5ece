"""The summary at the end of an audit, in the terminal or, shorter and plain, in a log."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from scanner.report.console_text import console_text
from scanner.report.fitted import fitted
from scanner.report.text import ARROW, format_count
from scanner.report.traits import TraitView
from scanner.report.view import ReportView, build_view
from scanner.types import Status

_STYLES = {
    Status.SHIFT_FOUND: "bold red",
    Status.NO_SHIFT_FOUND: "bold cyan",
    Status.NO_VERDICT: "bold yellow",
}
_COLUMNS = ("Trait", "Shift", "95% interval", "Adjusted p", f"Control {ARROW} probe")
MOST_LISTED = 20
"""Findings; the count of all is always said."""


def print_summary(
    results: Mapping[str, Any],
    console: Console,
    report_path: Path | str | None = None,
    results_path: Path | str | None = None,
) -> None:
    """Say what the audit found: a table in a terminal, a few plain lines anywhere else."""
    view = build_view(results)
    paths = [
        (name, str(path))
        for name, path in (("report", report_path), ("results", results_path))
        if path is not None
    ]
    if console.is_terminal:
        _print_screen(view, console, paths)
    else:
        _print_log(view, console, paths)


def print_lines(lines: Iterable[str], console: Console) -> None:
    """Say what else was done, a line each."""
    for line in lines:
        console.print(console_text(f"datascan: {line}", console), soft_wrap=True)


def _print_screen(view: ReportView, console: Console, paths: list[tuple[str, str]]) -> None:
    console.print()
    console.print(_verdict_line(view, console))
    for line in filter(None, (view.notice, view.reason, view.excused_summary, *view.base_notes)):
        console.print(console_text(line, console))
    console.print()
    console.print(Text("Findings" if view.findings else "No findings. The largest shifts:"))
    console.print(_traits(view, console))
    console.print(console_text(_left_out(view), console))
    for line in filter(None, (view.traces.line, view.traces.group_line, *_explained(view))):
        console.print(console_text(line, console))
    console.print(_fact_grid(view, console, paths))


def _print_log(view: ReportView, console: Console, paths: list[tuple[str, str]]) -> None:
    lines = [view.headline, *filter(None, (view.notice, view.reason, view.excused_summary))]
    lines += view.base_notes
    lines += [
        f"{trait.standing}: {trait.label}, shift {trait.shift} nats, {trait.change}"
        for trait in view.findings[:MOST_LISTED]
    ]
    lines += filter(None, (_left_out(view), view.traces.line, view.traces.group_line))
    lines += _explained(view)
    lines += filter(None, (view.pulled.line, view.discovery.line))
    lines += [f"{name}: {path}" for name, path in paths]
    for line in lines:
        console.print(console_text(f"datascan: {line}", console), soft_wrap=True)


def _verdict_line(view: ReportView, console: Console) -> Text:
    severity = f" (severity: {view.severity})" if view.findings else ""
    return Text.assemble(
        console_text(f"{view.status_words}{severity}: ", console, _STYLES[view.status]),
        console_text(view.sentence, console, "bold"),
    )


def _traits(view: ReportView, console: Console) -> RenderableType:
    names = (*_COLUMNS, "Severity" if view.findings else "Standing")
    shown = (view.findings or view.closest)[:MOST_LISTED]
    return fitted(
        names, [tuple(_cells(trait)) for trait in shown], console, ("Shift", "Adjusted p")
    )


def _left_out(view: ReportView) -> str:
    more = view.found - MOST_LISTED
    return f"And {format_count(more)} more findings, in the report." if more > 0 else ""


def _explained(view: ReportView) -> Iterable[str]:
    """A line for each finding, and one on the leads of the first."""
    for one in view.explained.findings:
        if one.exposure:
            yield f"{one.label} is {one.exposure}"
        if one.grouped:
            yield f"{one.label} is {one.grouped}"
    for one in view.explained.findings[:1]:
        if one.estimated:
            yield f"{one.label}: {one.poisoned}"
        if one.leads:
            yield f"leads, no proof, for {one.label}: {one.first_leads}"
    if view.explained.verification:
        yield view.explained.verification


def _cells(trait: TraitView) -> Iterable[str]:
    yield from (trait.label, trait.shift, trait.interval, trait.p_adjusted, trait.change)
    yield trait.standing.partition(":")[0]


def _fact_grid(view: ReportView, console: Console, paths: list[tuple[str, str]]) -> Table:
    facts = [
        ("data", f"{view.dataset}, {view.story.rows}"),
        ("base", view.story.base),
        ("text", view.screen.summary),
        *[("not asked", line) for line in (view.pulled.line, view.discovery.line) if line],
        ("twin", view.twin),
        ("time", view.total_time),
        *paths,
    ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(console_text(name, console), console_text(value, console))
    return grid
