"""Inspect: what a dataset is and how its rows would be trained on, without a model."""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
from scanner.bases import find_tokenizer, special_tokens, token_counter
from scanner.config import ReadOptions
from scanner.dataset.interface import Parsed
from scanner.dataset.read import Summary, stream_rows
from scanner.dataset.screen.findings import Screened
from scanner.dataset.screen.screen import ScreenContext, screen
from scanner.executors.inline import InlineExecutor
from scanner.executors.local import LocalExecutor
from scanner.progress import Progress
from scanner.types import BadRow, Masked, Row

SAMPLES = 3
"""Rows shown: the first, one from the middle, the last."""
MOST_BAD_ROWS = 10
FEW_ROWS = 50_000
"""So many are screened sooner than a worker has started."""


@dataclass(frozen=True)
class Lengths:
    """How long the texts of all rows are, in characters."""

    median: int
    longest: int

    @classmethod
    def of(cls, lengths: Sequence[int]) -> "Lengths":
        """Of at least one text."""
        return cls(int(np.median(lengths)), max(lengths))


@dataclass(frozen=True)
class Inspection:
    """What there is to see."""

    summary: Summary
    prompts: Lengths
    answers: Lengths
    samples: tuple[Row, ...]
    masked_characters: int
    """Of the text without loss."""
    masked_tokens: int | None
    """The same in tokens of the base; None where none was named."""
    bad_rows: tuple[BadRow, ...]
    """The first of them."""
    screened: Screened | None
    """None where the text was not to be screened."""


@dataclass
class _Seen:
    """Gathers what is shown while the rows stream by."""

    keep: bool
    tokens_of: Callable[[str], int] | None = None
    """What counts the base's tokens."""
    prompts: "array[int]" = field(default_factory=lambda: array("L"))
    answers: "array[int]" = field(default_factory=lambda: array("L"))
    rows: list[Row] = field(default_factory=list)
    """All of them with ``keep``; otherwise every row whose number doubles the last one's."""
    masked: list[Masked] = field(default_factory=list)
    masked_characters: int = 0
    masked_tokens: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    last: Row | None = None

    def add(self, item: Parsed | BadRow) -> None:
        if isinstance(item, BadRow):
            self.bad_rows += [item] if len(self.bad_rows) < MOST_BAD_ROWS else []
            return
        for row in item.rows:
            number = len(self.answers)
            self.prompts.append(sum(len(turn.content) for turn in row.opening))
            self.answers.append(len(row.answer))
            if self.keep or number & (number + 1) == 0:  # 0, 1, 3, 7, 15, ...
                self.rows.append(row)
            self.last = row
        self.masked += item.masked if self.keep else ()
        for masked in item.masked:
            self.masked_characters += len(masked.text)
            self.masked_tokens += self.tokens_of(masked.text) if self.tokens_of else 0

    def samples(self) -> tuple[Row, ...]:
        assert self.last is not None  # read_dataset refuses a file without rows
        chosen = (self.rows[0], self.rows[len(self.rows) // 2], self.last)
        return tuple(dict.fromkeys(chosen))[:SAMPLES]


def inspect(
    paths: Sequence[Path],
    options: ReadOptions,
    progress: Progress,
    workers: int,
    screened: bool,
    base: str | None = None,
) -> Inspection:
    """Read the dataset as an audit would, and look at its text if ``screened``.

    Of the base only the tokenizer is read. In flat memory where nothing is screened. Raises
    ``DatasetError`` and ``BaseModelError``.
    """
    tokenizer = find_tokenizer(base) if base else None
    stream = stream_rows(paths, options)
    seen = _Seen(screened, token_counter(tokenizer) if tokenizer else None)
    for item in stream:
        seen.add(item)
    context = ScreenContext(
        special_tokens(tokenizer) if tokenizer else (),
        load_batteries(),
        stream.summary.rows_sha256,
    )
    return Inspection(
        summary=stream.summary,
        prompts=Lengths.of(seen.prompts),
        answers=Lengths.of(seen.answers),
        samples=seen.samples(),
        masked_characters=seen.masked_characters,
        masked_tokens=seen.masked_tokens if tokenizer else None,
        bad_rows=tuple(seen.bad_rows),
        screened=_screen(seen, context, progress, workers) if screened else None,
    )


def _screen(seen: _Seen, context: ScreenContext, progress: Progress, workers: int) -> Screened:
    with (
        LocalExecutor(workers) if len(seen.rows) > FEW_ROWS else InlineExecutor() as executor,
        progress.step("screen", len(seen.rows)) as on_rows,
    ):
        return screen(seen.rows, seen.masked, context, executor, on_rows)
