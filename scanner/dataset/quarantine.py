"""Rows that were left out of an audit: what is said of them, and where they go."""

from collections.abc import Sequence

from scanner.dataset.screen.findings import Detail, Place, ScreenFinding
from scanner.types import BadRow, Dataset, Severity

SHOWN = 10


def bad_rows_finding(candidate: Dataset) -> ScreenFinding | None:
    """The finding that rows were left out, with the user's consent; None if none were."""
    bad = candidate.bad_rows
    if not bad:
        return None
    return ScreenFinding(
        rule="bad-rows",
        title="Rows that could not be read were left out",
        severity=Severity.MEDIUM,
        rows=len(bad),
        share=len(bad) / candidate.records,
        masked=0,
        first=tuple(Place(row.file, row.line) for row in bad[:SHOWN]),
        details=tuple(
            Detail(row.problem, Severity.MEDIUM, 1, Place(row.file, row.line))
            for row in bad[:SHOWN]
        ),
        details_left_out=max(0, len(bad) - SHOWN),
        taxonomy=(),
        cannot_see="Nothing is known of what they teach: no probe was trained on them.",
        to_do="Mend or remove them; a trainer that reads them trains on what nobody audited.",
    )


def quarantined(bad_rows: Sequence[BadRow]) -> bytes:
    """The rows as they stand in their files, a line each."""
    return b"".join(row.raw + b"\n" for row in bad_rows)
