"""Inspect: what a dataset is and how its rows would be trained on, without a model."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
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
    bad_rows: tuple[BadRow, ...]
    """The first of them."""
    screened: Screened | None
    """None where the text was not to be screened."""


@dataclass
class _Seen:
    """Gathers what is shown while the rows stream by."""

    keep: bool
    prompts: "array[int]" = field(default_factory=lambda: array("L"))
    answers: "array[int]" = field(default_factory=lambda: array("L"))
    rows: list[Row] = field(default_factory=list)
    """All of them with ``keep``; otherwise every row whose number doubles the last one's."""
    masked: list[Masked] = field(default_factory=list)
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
        if self.keep:
            self.masked += item.masked

    def samples(self) -> tuple[Row, ...]:
        assert self.last is not None  # read_dataset refuses a file without rows
        chosen = (self.rows[0], self.rows[len(self.rows) // 2], self.last)
        return tuple(dict.fromkeys(chosen))[:SAMPLES]


def inspect(
    paths: Sequence[Path], options: ReadOptions, progress: Progress, workers: int, screened: bool
) -> Inspection:
    """Read the dataset as an audit would, and look at its text if ``screened``.

    In flat memory where it is not screened. Raises ``DatasetError``.
    """
    stream, seen = stream_rows(paths, options), _Seen(keep=screened)
    for item in stream:
        seen.add(item)
    return Inspection(
        summary=stream.summary,
        prompts=Lengths.of(seen.prompts),
        answers=Lengths.of(seen.answers),
        samples=seen.samples(),
        bad_rows=tuple(seen.bad_rows),
        screened=_screen(seen, stream.summary, progress, workers) if screened else None,
    )


def _screen(seen: _Seen, summary: Summary, progress: Progress, workers: int) -> Screened:
    context = ScreenContext(batteries=load_batteries(), seed=summary.rows_sha256)
    with (
        LocalExecutor(workers) if len(seen.rows) > FEW_ROWS else InlineExecutor() as executor,
        progress.step("screen", len(seen.rows)) as on_rows,
    ):
        return screen(seen.rows, seen.masked, context, executor, on_rows)
