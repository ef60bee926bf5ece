"""The way in: rows to findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from probes.battery import Battery
from scanner.dataset.screen.catalog import written_rules
from scanner.dataset.screen.chunks import Chunk, ChunkText, cut
from scanner.dataset.screen.duplicates import ExactDuplicatesRule, NearDuplicatesRule
from scanner.dataset.screen.findings import Screened, ScreenFinding, Unscreened
from scanner.dataset.screen.languages import languages_of
from scanner.dataset.screen.mentions import MentionsRule
from scanner.dataset.screen.outliers import UnusualKindRule, UnusualLengthRule, scripts_of
from scanner.dataset.screen.patterns import PatternRule, pattern_rule, token_pattern
from scanner.dataset.screen.rule import Corpus, Rule
from scanner.dataset.screen.triggers import TriggersRule
from scanner.executors.interface import Executor
from scanner.progress import OnRows, unheard
from scanner.types import Masked, Row, Severity


@dataclass(frozen=True)
class ScreenContext:
    """What the screen must be told."""

    special_tokens: tuple[str, ...] = ()
    """Those of the base, as they are written; empty where there is no base."""
    batteries: tuple[Battery, ...] = ()
    """Whose answers are the traits to look for."""
    seed: str = ""
    """Decides which rows of a very large set are searched for triggers. Give the digest of the
    rows: who writes them cannot plan around it."""


@dataclass(frozen=True)
class ScreenJob:
    """The look at one chunk. See ``Job``."""

    chunk: Chunk
    rules: tuple[Rule[Any], ...]

    @property
    def rows(self) -> int:
        """See ``Job.rows``."""
        return len(self.chunk.rows)

    def run(self, on_rows: OnRows) -> list[Any]:
        """What each rule has seen."""
        text = ChunkText(self.chunk)
        seen = [rule.scan(text) for rule in self.rules]
        on_rows(self.rows)
        return seen


def screen(
    rows: Iterable[Row],
    masked: Iterable[Masked],
    context: ScreenContext,
    executor: Executor,
    on_rows: OnRows = unheard,
) -> Screened:
    """Everything that the text alone shows. The same rows give the same findings, wherever and by
    however many workers they are screened."""
    corpus = Corpus(tuple(cut(rows, masked)))
    rules = rules_for(context, corpus.total)
    seen = executor.run([ScreenJob(chunk, rules) for chunk in corpus.chunks], on_rows)
    outcomes = {
        rule.id: rule.weigh([one[number] for one in seen], corpus)
        for number, rule in enumerate(rules)
    }
    found = [one for one in outcomes.values() if isinstance(one, ScreenFinding)]
    return Screened(
        rows=corpus.total,
        masked=corpus.total_masked,
        findings=tuple(sorted(found, key=lambda one: (-one.severity.rank, one.rule))),
        silent=tuple(sorted(rule for rule, one in outcomes.items() if one is None)),
        unscreened=tuple(one for one in outcomes.values() if isinstance(one, Unscreened)),
    )


def rules_for(context: ScreenContext, rows: int) -> tuple[Rule[Any], ...]:
    """Every rule, ready for a set of so many rows."""
    tokens = set(context.special_tokens)
    by_pattern = [
        pattern_rule(written, *token_pattern(set(written.tokens) - tokens, Severity.LOW))
        for written in written_rules().values()
        if written.patterns
    ]
    return (
        *by_pattern,
        PatternRule("special-tokens", token_pattern(tokens, Severity.MEDIUM)),
        MentionsRule(context.batteries),
        TriggersRule(rows, context.seed),
        ExactDuplicatesRule(),
        NearDuplicatesRule(),
        UnusualLengthRule(),
        UnusualKindRule("unusual-script", scripts_of),
        UnusualKindRule("unusual-language", languages_of),
    )
