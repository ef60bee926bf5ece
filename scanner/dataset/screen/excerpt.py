"""Short pieces of rows that may be shown: without secrets and personal data."""

import re
from functools import cache
from typing import NamedTuple

from scanner.dataset.screen.catalog import written_rules
from scanner.dataset.screen.checks import Check

AROUND = 40
"""Characters shown before and after what was found."""
LONGEST = 160
REACH = 16_000
"""No secret is longer, so none that reaches into an excerpt begins or ends farther from it."""
STAR = "*"
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class _Secret(NamedTuple):
    regex: re.Pattern[str]
    check: Check | None
    shown: int

    def masked(self, match: re.Match[str]) -> str:
        """The match with stars; as it is where the check says that it is harmless."""
        if self.check is not None and not self.check(match):
            return match[0]
        return match[0][: self.shown] + re.sub(r"\w", STAR, match[0][self.shown :])


def excerpt(text: str, start: int, end: int, around: int = AROUND) -> str:
    """What was found from ``start`` to ``end``, with a little of what stands around it.

    The text is redacted before it is cut: half a key would no longer look like one.
    """
    left = max(0, start - around)
    right = min(len(text), end + around, left + LONGEST)
    far = max(0, left - REACH)
    shown = redacted(text[far : right + REACH])[left - far : right - far]
    before = ELLIPSIS if left and around else ""
    after = ELLIPSIS if right < len(text) and around else ""
    return f"{before}{shown}{after}"


def redacted(text: str) -> str:
    """``text`` with a star for each letter and digit of its secrets and personal data.

    As long as before, so that places in the text stay right. The first characters of some kinds
    stay, which tell what it is (``AKIA``) and not whose.
    """
    for secret in _secrets():
        text = secret.regex.sub(secret.masked, text)
    return text


@cache
def _secrets() -> tuple[_Secret, ...]:
    patterns = [pattern for rule in written_rules().values() for pattern in rule.patterns]
    return tuple(
        _Secret(pattern.compiled(), pattern.checked_by(), pattern.shown)
        for pattern in patterns
        if pattern.shown is not None
    )
