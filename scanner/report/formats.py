"""Every file that a report can be, by name and by ending."""

from collections.abc import Callable, Mapping
from typing import Any

from scanner.report.attestation import render_attestation
from scanner.report.calibration_markdown import render_calibration_markdown
from scanner.report.csv_table import render_csv
from scanner.report.file_format import Format
from scanner.report.html import render_calibration, render_html
from scanner.report.junit import render_junit
from scanner.report.markdown import render_markdown
from scanner.report.results import render_json
from scanner.report.row_text import Evidence, limit_row_text
from scanner.report.sarif import render_sarif

Results = Mapping[str, Any]


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
        Format("markdown", (".md",), render_calibration_markdown),
    )
