"""How much of the rows' own text a report may show. Reports are mailed around."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from scanner.dataset.screen.findings import QUOTING
from scanner.report.text import shorten

MASK = "[redacted]"
MOST_EXAMPLES = 3
"""Of one finding of the screen, where they are redacted."""
LONGEST_EXAMPLE = 80
"""Characters of a redacted example."""
_LOOKED_AT = 1000
# What may name a person or open a door: e-mail and web addresses, tokens, long numbers.
_TELLING = re.compile(
    r"[^\s@]{1,64}@[^\s@]{1,255}"
    r"|[A-Za-z][A-Za-z0-9+.-]{1,20}://\S+"
    r"|[A-Za-z0-9_+/=-]{24,}"
    r"|\d(?:[ ./()-]?\d){6,}"
)


class Evidence(StrEnum):
    """The levels of ``--evidence``."""

    NONE = "none"
    """No text of rows."""
    REDACTED = "redacted"
    """A few short examples, with what may name a person or open a door masked."""
    FULL = "full"
    """The examples as the results hold them."""


def limit_row_text(results: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """``results`` with no more of the rows' text than ``evidence`` allows; nothing else changes."""
    screen = results["screen"]
    screened = [limit_finding(finding, evidence) for finding in screen["findings"]]
    return {
        **results,
        "screen": {**screen, "findings": screened},
        "findings": [
            _limit_behind(limit_leads(finding, evidence), evidence)
            for finding in results["findings"]
        ],
        "traits": [_limit_behind(trait, evidence) for trait in results["traits"]],
        **_limit_phrases(results, evidence),
    }


def _limit_phrases(results: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """The phrases of prompts. Results of older versions have none."""
    if "phrases" not in results:
        return {}
    asked = results["phrases"]
    return {"phrases": [{**one, "text": _limit_phrase(one["text"], evidence)} for one in asked]}


def _limit_behind(trait: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """A trait, and the phrase that it shows on."""
    behind = trait.get("behind")
    return {**trait} if behind is None else {**trait, "behind": _limit_phrase(behind, evidence)}


def _limit_phrase(phrase: str, evidence: Evidence) -> str:
    if evidence is Evidence.FULL:
        return phrase
    return redact(phrase) if evidence is Evidence.REDACTED else MASK


def limit_leads(finding: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """A finding whose leading rows show no more of their text than ``evidence`` allows."""
    if "leads" not in finding or evidence is Evidence.FULL:
        return dict(finding)
    kept = MOST_EXAMPLES if evidence is Evidence.REDACTED else 0
    rows = [
        {**lead, "text": redact(lead["text"]) if number < kept else ""}
        for number, lead in enumerate(finding["leads"]["rows"])
    ]
    return {**finding, "leads": {**finding["leads"], "rows": rows}}


def redact(text: str) -> str:
    """``text``, masked and cut. A mask is a guess: what passes it may still be private."""
    return shorten(_TELLING.sub(MASK, text[:_LOOKED_AT]), LONGEST_EXAMPLE)


def limit_finding(finding: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """One finding of the screen, as ``limit_row_text`` has it."""
    if evidence is Evidence.FULL:
        return dict(finding)
    quoting = finding["rule"] in QUOTING
    kept = MOST_EXAMPLES if evidence is Evidence.REDACTED else 0
    details = [
        _limit_detail(detail, quoting, number < kept)
        for number, detail in enumerate(finding["details"])
    ]
    return {**finding, "details": details}


def _limit_detail(detail: Mapping[str, Any], quoting: bool, kept: bool) -> dict[str, Any]:
    what, example = detail["what"], redact(detail["example"]) if kept else ""
    if quoting:
        what = redact(what) if kept else MASK
    return {**detail, "what": what, "example": example}
