"""What ``datascan inspect`` prints: the dataset in facts, rows as they are trained on, warnings."""

from collections.abc import Iterator
from dataclasses import asdict

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from scanner.dataset.screen.excerpt import REACH, redacted
from scanner.dataset.screen.findings import Place, ScreenFinding
from scanner.inspection import Inspection, Lengths
from scanner.report.console_text import console_text
from scanner.report.row_text import Evidence, limit_finding
from scanner.report.text import count_of, format_count, safe_text, shorten
from scanner.types import PREFIX, DataFile, Row

TRAINED = "\N{LEFT HALF BLOCK}"
"""Stands before text that carries loss."""
MOST_TEXT = 600
MOST_PLACES = 5


def print_inspection(
    found: Inspection, console: Console, evidence: Evidence = Evidence.REDACTED
) -> None:
    """Print it, a screen or two; every text of the dataset escaped.

    Of rows no more is shown than ``evidence`` allows: without secrets and personal data where it
    is redacted, and the lengths of their texts alone where it is none.
    """
    console.print(_facts(found, console))
    console.print()
    console.print(console_text(f"Rows as they are trained on ({TRAINED} carries loss)", console))
    for row in found.samples:
        console.print(_row(row, console, evidence))
    listed = tuple(warnings(found, evidence))
    console.print()
    console.print(console_text("To look at" if listed else "Nothing to look at", console))
    for warning in listed:
        console.print(console_text(warning, console), soft_wrap=True)


def warnings(found: Inspection, evidence: Evidence = Evidence.REDACTED) -> Iterator[str]:
    """Everything a reader should look at, a sentence or two each."""
    yield from found.summary.notes
    for bad in found.bad_rows:
        yield f"bad row: {_place(Place(bad.file, bad.line), found)}: {bad.problem}"
    hidden = found.summary.bad_rows - len(found.bad_rows)
    if hidden:
        yield f"bad rows: {format_count(hidden)} more"
    if found.screened is not None:
        for finding in found.screened.findings:
            yield _finding(finding, found, evidence)
        for rule in found.screened.unscreened:
            yield f"not screened: {rule.rule}: {rule.reason}"


def _facts(found: Inspection, console: Console) -> Table:
    summary = found.summary
    grid = Table.grid(padding=(0, 2))
    facts = [
        ("data", summary.path),
        *(fact for file in summary.files for fact in _file(file)),
        ("format", summary.format),
        ("records", format_count(summary.records)),
        ("rows", f"{format_count(summary.rows)} trained on{_masked(found)}"),
        ("prompts", _lengths(found.prompts)),
        ("answers", _lengths(found.answers)),
        ("rows digest", summary.rows_sha256),
    ]
    for name, value in facts:
        grid.add_row(console_text(name, console), console_text(value, console))
    return grid


def _masked(found: Inspection) -> str:
    if not found.summary.masked:
        return ""
    size = count_of(found.masked_characters, "character")
    if found.masked_tokens is not None:
        size = count_of(found.masked_tokens, "token")
    return f", {count_of(found.summary.masked, 'text')} of {size} without loss"


def _file(file: DataFile) -> tuple[tuple[str, str], ...]:
    return ("file", f"{file.path}, {decimal(file.size)}"), ("sha256", file.sha256)


def _lengths(lengths: Lengths) -> str:
    return (
        f"{format_count(lengths.median)} characters in the middle, {format_count(lengths.longest)} "
        "at most"
    )


def _row(row: Row, console: Console, evidence: Evidence) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(console_text(f"line {row.line}", console), "", "")
    for turn in row.opening:
        role = "(given)" if turn.role == PREFIX else turn.role
        grid.add_row(console_text(f"  {role}", console), "", _text(turn.content, console, evidence))
    begun = row.prefix or not row.prompt
    grid.add_row(
        "" if begun else "  assistant",
        console_text(TRAINED, console),
        _text(row.answer, console, evidence, style="bold"),
    )
    return grid


def _text(text: str, console: Console, evidence: Evidence, style: str = "") -> Text:
    if evidence is Evidence.NONE:
        return console_text(f"({count_of(len(text), 'character')})", console)
    if evidence is Evidence.REDACTED:
        text = redacted(text[: MOST_TEXT + REACH])
    shown = console_text(shorten(safe_text(text), MOST_TEXT), console)
    shown.stylize(style)
    return shown


def _finding(finding: ScreenFinding, found: Inspection, evidence: Evidence) -> str:
    places = ", ".join(_place(place, found) for place in finding.first[:MOST_PLACES])
    detail = ""
    if finding.details:
        worst = limit_finding(asdict(finding), evidence)["details"][0]
        detail = f"; {worst['what']}" + (f": {worst['example']}" if worst["example"] else "")
    return (
        f"{finding.severity}: {finding.title}: {count_of(finding.rows, 'row')} ({places}){detail}"
    )


def _place(place: Place, found: Inspection) -> str:
    line = f"line {place.line}"
    if len(found.summary.files) == 1:
        return line
    return f"{found.summary.files[place.file].path}, {line}"
