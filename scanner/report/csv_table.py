"""The traits as a CSV table, inert in every spreadsheet."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from scanner.report.text import safe_log_text
from scanner.report.words import trait_label

COLUMNS = (
    "trait",
    "arm",
    "severity",
    "shift",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "base_level",
    "control_level",
    "probe_level",
    "level_unit",
    "unmeasured",
)
# Where a spreadsheet may take a cell for a formula; also in their wide forms.
_FORMULA_STARTS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")


def render_csv(results: Mapping[str, Any]) -> str:
    """All traits in the order of the results, numbers unrounded; an empty cell was not measured."""
    return csv_text(
        ("label", *COLUMNS),
        (
            (trait_label(entry["trait"]), *(entry[column] for column in COLUMNS))
            for entry in results["traits"]
        ),
    )


def csv_text(header: tuple[str, ...], rows: Any) -> str:
    """A table as CSV. Text is quoted, so that a reader who splits at semicolons finds no cell."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(tuple(_cell(value) for value in row) for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    """Numbers as they are; text on one line, and never the beginning of a formula."""
    if value is None or isinstance(value, int | float):
        return value
    text = safe_log_text(str(value))
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
