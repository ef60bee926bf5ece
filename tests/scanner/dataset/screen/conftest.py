"""Rows made of two texts, and one rule at a time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from scanner.dataset.screen.chunks import ChunkText, cut
from scanner.dataset.screen.findings import ScreenFinding, Unscreened
from scanner.dataset.screen.rule import Corpus, Rule
from scanner.types import Masked, Message, Row

Outcome = ScreenFinding | Unscreened | None
Look = Callable[..., Outcome]
Rows = Callable[..., list[Row]]


@pytest.fixture
def rows() -> Rows:
    """Rows of prompt and answer, on lines 1, 2, 3, ...; a text alone is an answer."""

    def make(*texts: str | tuple[str, str]) -> list[Row]:
        pairs = [("Say something.", text) if isinstance(text, str) else text for text in texts]
        return [
            Row(line, (Message("user", prompt),), answer)
            for line, (prompt, answer) in enumerate(pairs, start=1)
        ]

    return make


@pytest.fixture
def look() -> Look:
    """What one rule makes of some rows."""

    def outcome(rule: Rule[Any], rows: Iterable[Row], masked: Sequence[Masked] = ()) -> Outcome:
        corpus = Corpus(tuple(cut(rows, masked)))
        return rule.weigh([rule.scan(ChunkText(chunk)) for chunk in corpus.chunks], corpus)

    return outcome
