"""Every file that a report can be, by name and by ending."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from scanner.report.attestation import render_attestation
from scanner.report.csv_table import render_csv
from scanner.report.html import render_calibration, render_html
from scanner.report.junit import render_junit
from scanner.report.markdown import render_markdown
from scanner.report.results import render_json
from scanner.report.row_text import Evidence, limit_row_text
from scanner.report.sarif import render_sarif

SubjectT = TypeVar("SubjectT")
Results = Mapping[str, Any]


@dataclass(frozen=True)
class Format(Generic[SubjectT]):
    """One kind of file."""

    name: str
    """As ``--format`` takes it."""
    endings: tuple[str, ...]
    """File endings that mean it."""
    render: Callable[[SubjectT], str]
    """Its text: the same subject, the same text."""


def audit_formats(evidence: Evidence) -> tuple[Format[Results], ...]:
    """What an audit's results can be written as, with no more text of rows than ``evidence``."""

    def limited(render: Callable[[Results], str]) -> Callable[[Results], str]:
        return lambda results: render(limit_row_text(results, evidence))

    return (
        Format("json", (".json",), limited(render_json)),
        Format("html", (".html",), limited(render_html)),
        # Carries no text of rows, whatever is allowed.
        Format("sarif", (".sarif", ".sarif.json"), render_sarif),
        Format("junit", (".xml",), limited(render_junit)),
        Format("markdown", (".md",), limited(render_markdown)),
        # Names the results by their digest, so it must see them as they are.
        Format("attestation", (".intoto.json",), render_attestation),
        Format("csv", (".csv",), limited(render_csv)),
    )


def calibration_formats() -> tuple[Format[Results], ...]:
    """What a certificate can be written as."""
    return (
        Format("json", (".json",), render_json),
        Format("html", (".html",), render_calibration),
    )


def format_for(path: Path, formats: Iterable[Format[SubjectT]]) -> Format[SubjectT] | None:
    """The format that the file's name asks for, by its longest known ending; None if by none."""
    name = path.name.lower()
    by_ending = {ending: one for one in formats for ending in one.endings}
    fitting = [ending for ending in by_ending if name.endswith(ending)]
    return by_ending[max(fitting, key=len)] if fitting else None


def endings_of(formats: Sequence[Format[SubjectT]]) -> str:
    """All endings, for a message."""
    return ", ".join(ending for one in formats for ending in one.endings)
