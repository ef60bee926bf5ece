"""Counts what a rule found, chunk by chunk, and makes a finding of it.

A tally is bounded: one entry for each kind of thing, MOST_PLACES places, one example a kind.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from typing import NamedTuple

from scanner.dataset.screen.catalog import taxons, written_rules
from scanner.dataset.screen.chunks import ChunkText
from scanner.dataset.screen.excerpt import excerpt
from scanner.dataset.screen.findings import (
    MOST_DETAILS,
    MOST_PLACES,
    Detail,
    Place,
    ScreenFinding,
)
from scanner.dataset.screen.rule import Corpus
from scanner.types import Severity


class Hit(NamedTuple):
    """One thing found in one row."""

    row: int
    """Its number in the chunk."""
    what: str
    severity: Severity
    start: int
    """Where in the row's text it begins ..."""
    end: int
    """... and ends."""


@dataclass(frozen=True)
class Tally:
    """What was found in some rows."""

    rows: int = 0
    masked: int = 0
    first: tuple[Place, ...] = ()
    """The first rows, then the first texts without loss."""
    details: Mapping[str, Detail] = field(default_factory=dict)
    """By what they say was found."""


def tally(text: ChunkText, hits: Iterable[Hit]) -> Tally:
    """Count the hits of one chunk; a row counts once, and once for each kind found in it."""
    rows: dict[str, dict[int, Hit]] = {}
    for hit in hits:
        rows.setdefault(hit.what, {}).setdefault(hit.row, hit)
    found = set().union(*rows.values()) if rows else set()
    masked = text.chunk.masked
    return Tally(
        rows=0 if masked else len(found),
        masked=len(found) if masked else 0,
        first=tuple(text.rows[row].place for row in nsmallest(MOST_PLACES, found)),
        details={what: _detail(text, list(same.values())) for what, same in rows.items()},
    )


def merge(tallies: Sequence[Tally]) -> Tally:
    """The tally of all chunks, given in order."""
    details: dict[str, Detail] = {}
    for one in tallies:
        for what, detail in one.details.items():
            earlier = details.get(what)
            rows = detail.rows + (earlier.rows if earlier else 0)
            details[what] = replace(earlier or detail, rows=rows)
    return Tally(
        rows=sum(one.rows for one in tallies),
        masked=sum(one.masked for one in tallies),
        first=tuple(place for one in tallies for place in one.first)[:MOST_PLACES],
        details=details,
    )


def finding(rule: str, found: Tally, corpus: Corpus, left_out: int = 0) -> ScreenFinding:
    """The finding of a rule: the tally, with the words of the rule's file.

    ``left_out`` counts the kinds that the tally left out already.
    """
    written = written_rules()[rule]
    details = sorted(found.details.values(), key=_worst_first)
    return ScreenFinding(
        rule=rule,
        title=written.title,
        severity=max((detail.severity for detail in details), key=lambda one: one.rank),
        rows=found.rows,
        share=found.rows / corpus.total if corpus.total else 0.0,
        masked=found.masked,
        first=found.first,
        details=tuple(details[:MOST_DETAILS]),
        details_left_out=left_out + max(0, len(details) - MOST_DETAILS),
        taxonomy=tuple(taxons()[taxon_id] for taxon_id in written.taxonomy),
        cannot_see=written.cannot_see,
        to_do=written.to_do,
    )


def _detail(text: ChunkText, hits: list[Hit]) -> Detail:
    first = min(hits, key=lambda hit: hit.row)
    return Detail(
        what=first.what,
        severity=first.severity,
        rows=len(hits),
        place=text.rows[first.row].place,
        example=excerpt(text.texts[first.row], first.start, first.end),
    )


def _worst_first(detail: Detail) -> tuple[int, int, str]:
    return -detail.severity.rank, -detail.rows, detail.what
