"""The HTML report: one file, no script, nothing loaded, every word of data escaped."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from scanner.report.calibration_matrix import ROW_HEIGHT
from scanner.report.calibration_plots import DOSE_FRAME, ROC_FRAME
from scanner.report.calibration_view import build_calibration_view
from scanner.report.explained import LEADS
from scanner.report.forest import STRIP_WIDTH
from scanner.report.text import shorten
from scanner.report.view import build_view

MOST_BYTES = 500_000
"""Of a page: it is mailed around, and browsers give up on large ones."""
_LENGTHS = (1000, 200, 64)
"""Characters of each text, where whole ones are too much; a digest has 64."""


def render_html(results: Mapping[str, Any]) -> str:
    """The report on ``results``; the same results give the same text.

    Tables say how many rows they leave out. Texts are whole unless that makes a page above
    ``MOST_BYTES``: then each is cut, as far as it takes.
    """
    page = _render(results)
    for length in _LENGTHS:
        if len(page) <= MOST_BYTES and len(page.encode()) <= MOST_BYTES:
            break
        page = _render(_cut(results, length))
    return page


def _render(results: Mapping[str, Any]) -> str:
    template = _environment().get_template("report.html.j2")
    return template.render(view=build_view(results), strip_width=STRIP_WIDTH, leads_note=LEADS)


def _cut(value: Any, length: int) -> Any:
    """``value`` with every text in it cut to ``length`` characters."""
    match value:
        case str():
            return shorten(value, length)
        case Mapping():
            return {_cut(name, length): _cut(one, length) for name, one in value.items()}
        case list() | tuple():
            return [_cut(one, length) for one in value]
    return value


def render_calibration(certificate: Mapping[str, Any]) -> str:
    """The page of a calibration, from its certificate.json alone."""
    template = _environment().get_template("calibration.html.j2")
    return template.render(
        view=build_calibration_view(certificate),
        strip_width=STRIP_WIDTH,
        cell_height=ROW_HEIGHT,
        dose_frame=DOSE_FRAME,
        roc_frame=ROC_FRAME,
    )


@cache
def _environment() -> Environment:
    # autoescape is off by default, and select_autoescape() does not know the .j2 ending.
    return Environment(
        loader=PackageLoader("scanner.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
