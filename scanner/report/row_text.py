"""How much of the rows' own text a report may show. Reports are mailed around."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

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
    screen = results.get("screen")
    if not screen or evidence is Evidence.FULL:
        return dict(results)
    return {**results, "screen": [_limit(finding, evidence) for finding in screen]}


def redact(text: str) -> str:
    """``text``, masked and cut. A mask is a guess: what passes it may still be private."""
    return shorten(_TELLING.sub(MASK, text[:_LOOKED_AT]), LONGEST_EXAMPLE)


def _limit(finding: Mapping[str, Any], evidence: Evidence) -> dict[str, Any]:
    """Examples are rows' text; details may quote it, an n-gram for example."""
    examples, details = finding["examples"], finding["details"]
    if evidence is Evidence.NONE:
        kept = {name: value for name, value in details.items() if _is_number(value)}
        return {**finding, "examples": [], "details": kept}
    return {
        **finding,
        "examples": [redact(example) for example in examples[:MOST_EXAMPLES]],
        "details": {name: _redact_value(value) for name, value in details.items()},
    }


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _redact_value(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {redact(name): _redact_value(part) for name, part in value.items()}
    return [_redact_value(part) for part in value] if isinstance(value, list) else value
