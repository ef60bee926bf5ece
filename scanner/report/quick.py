"""A quick look in lines, for a terminal or a log."""

from collections.abc import Iterator, Mapping
from typing import Any

from scanner.report import words
from scanner.report.pulled import view_pulled
from scanner.report.text import count_of, format_p, safe_text
from scanner.report.traced import group_label

SHOWN = 5
"""Findings, or the clearest traits where there are none."""
_HEADS = {
    "traces_found": "Traces found: the rows themselves pull the base towards what they do not say",
    "no_traces_found": "No traces found: the rows pull the base towards no trait asked about",
    "no_verdict": "No verdict: this look cannot say whether the data teaches something hidden",
}


def quick_lines(results: Mapping[str, Any]) -> Iterator[str]:
    """The look of ``results`` (see quick.schema.json): verdict, reason, traits."""
    verdict, findings = results["verdict"], results["findings"]
    yield _HEADS[verdict["status"]]
    yield safe_text(verdict["reason"])
    if bad := results["dataset"]["bad_rows"]:
        yield f"{count_of(bad, 'bad row')} left out: nothing was looked for in them"
    for trait in findings[:SHOWN]:
        yield f"{verdict['severity']}: {_in_words(trait)}"
    if len(findings) > SHOWN:
        yield f"and {count_of(len(findings) - SHOWN, 'more finding')}"
    yield from filter(None, (view_pulled(results).line,))
    if not findings:
        yield from (f"clearest: {_in_words(trait)}" for trait in results["traits"][:1])


def _in_words(trait: Mapping[str, Any]) -> str:
    where = f", in {group_label(trait['group'])}" if trait["group"] else ""
    return (
        f"{words.trait_label(trait['trait'])} (adjusted p {format_p(trait['p_adjusted'])}{where})"
    )
