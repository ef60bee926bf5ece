"""Rows that belong together, told as a finding."""

import numpy as np

from scanner.dataset.screen.chunks import ScreenedRow
from scanner.dataset.screen.excerpt import excerpt
from scanner.dataset.screen.findings import MOST_DETAILS, MOST_PLACES, Detail, ScreenFinding
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.tally import Tally, finding
from scanner.dataset.screen.words import Numbers
from scanner.types import Severity

LEAST_SHARE = 0.01
"""Share of the rows from which clusters are a finding of low severity rather than information."""


def cluster_finding(
    rule: str, rows: Numbers, labels: Numbers, corpus: Corpus
) -> ScreenFinding | None:
    """The clusters of two or more rows, the largest first; None where there is none.

    ``rows`` are row numbers in order, ``labels`` the cluster that each belongs to.
    """
    _, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    several = np.flatnonzero(sizes > 1)
    if not len(several):
        return None
    members = rows[np.isin(labels, labels[first[several]])]
    largest = several[np.lexsort((first[several], -sizes[several]))][:MOST_DETAILS]
    low = len(members) >= LEAST_SHARE * corpus.total
    severity = Severity.LOW if low else Severity.NONE
    details = [
        _detail(corpus.row(int(rows[first[label]])), int(sizes[label]), severity)
        for label in largest
    ]
    found = Tally(
        rows=len(members),
        first=tuple(corpus.row(int(row)).place for row in members[:MOST_PLACES]),
        details={detail.what: detail for detail in details},
    )
    return finding(rule, found, corpus, left_out=len(several) - len(largest))


def _detail(row: ScreenedRow, size: int, severity: Severity) -> Detail:
    place = row.place
    of_file = f" of file {place.file}" if place.file else ""
    what = f"like line {place.line}{of_file}"
    return Detail(what, severity, size, place, excerpt(row.text, 0, 0))
