"""A calibration's tables as Markdown: for a repository, or a job's summary."""

from collections.abc import Mapping
from typing import Any

from scanner.report.calibration_tables import Table
from scanner.report.calibration_view import CalibrationView, build_calibration_view
from scanner.report.markdown_text import prose, table


def render_calibration_markdown(certificate: Mapping[str, Any]) -> str:
    """What a calibration found: its figures, claims, effects, doses, growth and lineages.

    What models wrote is left out: reasons of unmeasured cases end before their examples.
    """
    view = build_calibration_view(certificate)
    lines = [
        f"# Calibration of {prose(view.base)}",
        "",
        prose(view.sentence),
        "",
        *(
            f"- {prose(figure.name)}: {prose(figure.value)}, {prose(figure.meaning)}"
            for figure in view.figures
        ),
        f"- {_speed(certificate)}",
    ]
    for title, shown in _tables(view).items():
        if shown.lines:
            lines += ["", f"## {title}", "", prose(shown.caption), "", *_markdown(shown)]
    if view.unmeasured:
        lines += ["", "## Not measured", ""]
        lines += [f"- {prose(line.split(' (rejected:')[0])}" for line in view.unmeasured]
    return "\n".join(lines) + "\n"


def _tables(view: CalibrationView) -> dict[str, Table]:
    return {
        "Claims": view.claims,
        "Planted traits": view.effects,
        "Doses": view.doses_table,
        "The rows alone": view.traced,
        "What makes effects larger": view.growth,
        "What the filters threw away": view.filters,
        "Lineages": view.lineages,
    }


def _speed(certificate: Mapping[str, Any]) -> str:
    students, minutes = certificate["students"], certificate["core_seconds"] / 60
    rate = f", {students / minutes:.1f} a minute on each core" if minutes > 0 else ""
    return f"Students: {students:,} probes and controls{rate}"


def _markdown(shown: Table) -> list[str]:
    """Without the column that holds a drawing."""
    width = len(shown.lines[0].cells)
    heads = [prose(column.name) for column in shown.columns[:width]]
    return table(heads, ([prose(cell) for cell in line.cells] for line in shown.lines))
