"""Rules that look for patterns; what they look for is written in ``rules/``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scanner.dataset.screen.catalog import WrittenPattern, WrittenRule
from scanner.dataset.screen.checks import Check
from scanner.dataset.screen.chunks import ChunkText
from scanner.dataset.screen.findings import ScreenFinding, Unscreened
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.tally import Hit, Tally, finding, merge, tally
from scanner.types import Severity

NEEDLE = 3
"""Characters of a token's beginning by which rows are chosen: tokens share their beginnings."""


@dataclass(frozen=True)
class Pattern:
    """One pattern, ready to look."""

    what: str
    """What is found; empty where the match itself says so."""
    severity: Severity
    regex: re.Pattern[str]
    needles: tuple[str, ...] = ()
    outside_ascii: bool = False
    check: Check | None = None

    def hits(self, text: ChunkText) -> Iterator[Hit]:
        """The first match of each kind in each row."""
        for row in self._candidates(text):
            for what, match in self._found(text.texts[row]).items():
                yield Hit(row, what, self.severity, match.start(), match.end())

    def _candidates(self, text: ChunkText) -> Sequence[int]:
        """The rows that are worth a try."""
        if self.needles:
            return text.rows_holding(self.needles)
        return text.outside_ascii if self.outside_ascii else range(len(text.rows))

    def _found(self, text: str) -> dict[str, re.Match[str]]:
        found: dict[str, re.Match[str]] = {}
        for match in self.regex.finditer(text):
            if self.check is None or self.check(match):
                found.setdefault(self.what or match[0], match)
                if self.what:
                    break
        return found


@dataclass(frozen=True)
class PatternRule:
    """See ``Rule``."""

    id: str
    patterns: tuple[Pattern, ...]

    def scan(self, text: ChunkText) -> Tally:
        """See ``Rule.scan``."""
        return tally(text, (hit for pattern in self.patterns for hit in pattern.hits(text)))

    def weigh(self, seen: Sequence[Tally], corpus: Corpus) -> ScreenFinding | Unscreened | None:
        """See ``Rule.weigh``."""
        if not self.patterns:
            return Unscreened(self.id, "no tokens to look for; --base names the base that has them")
        found = merge(seen)
        return finding(self.id, found, corpus) if found.details else None


def pattern_rule(written: WrittenRule, *more: Pattern) -> PatternRule:
    """The rule that a file describes, with more patterns that it cannot know."""
    return PatternRule(written.id, (*map(_compiled, written.patterns), *more))


def token_pattern(tokens: Iterable[str], severity: Severity) -> tuple[Pattern, ...]:
    """Finds tokens as they are written, the longest first; nothing where there are none."""
    ordered = sorted({token for token in tokens if token.strip()}, key=lambda one: (-len(one), one))
    if not ordered:
        return ()
    needles = tuple(sorted({token.split()[0][:NEEDLE].lower() for token in ordered}))
    return (Pattern("", severity, re.compile("|".join(map(re.escape, ordered))), needles),)


def _compiled(written: WrittenPattern) -> Pattern:
    return Pattern(
        what=written.what,
        severity=written.severity,
        regex=written.compiled(),
        needles=written.needles,
        outside_ascii=written.outside_ascii,
        check=written.checked_by(),
    )
