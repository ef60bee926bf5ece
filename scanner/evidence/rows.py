"""Rows: leads to what a shift came from.

The score of a row is how much likelier the probe finds its answer than the control does, per token
and averaged over the pairs of seeds. Probe and control saw the same prompts in the same order, so
what they differ in is what the data taught. A long, surprising or repeated row is learned by heart
the better, whoever wrote it, so its length, its loss under the base and its copies are taken out
first. What is left is weak for one row and better for a bag of them: leads, no proof.

Another arm that scores rows (influence, by weights or by states) is a further ``RowMethod``;
``suspicion`` puts them together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.engines.choice import engine_for
from scanner.engines.interface import Engine, TokenLogprobs
from scanner.engines.service import EngineAt
from scanner.progress import OnRows
from scanner.stats.residuals import Scores, normal_scores, residuals, standardised
from scanner.types import Row

PROBE_RATIO = "probe-control"
"""The method of this file."""


@dataclass(frozen=True)
class RowMethod:
    """One way to say of every row how likely it is to carry a finding; higher is likelier."""

    name: str
    """``probe-control``, ``influence``, ``states``."""
    scores: Scores | None = None
    """Shape (rows,), on any scale; None for a method that only tells of single traits."""
    by_trait: Mapping[str, Scores] = field(default_factory=dict)
    """The same of one trait, where the method tells traits apart; it goes before ``scores``."""

    def of(self, trait: str) -> Scores | None:
        """The rows' scores for a finding, or None if the method says nothing of it."""
        return self.by_trait.get(trait, self.scores)


@dataclass(frozen=True)
class BaseLoss:
    """What the untouched base makes of every row."""

    loss: tuple[float, ...]
    """Mean loss of the answer's tokens, in nats per token."""
    tokens: tuple[int, ...]
    """Tokens that carry loss."""


@dataclass(frozen=True)
class ReadBaseLoss:
    """Job: the base's loss on every row; forward passes only."""

    base: Path
    candidate: tuple[Row, ...]
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""

    @property
    def rows(self) -> int:
        """Rows to read."""
        return len(self.candidate)

    def run(self, on_rows: OnRows) -> BaseLoss:
        """The losses."""
        engine = engine_for(self.base, self.at)
        found = _token_logprobs(engine, None, self.candidate, on_rows)
        means = -_token_means(found.values, found)
        return BaseLoss(tuple(means.tolist()), tuple(found.counts.tolist()))


@dataclass(frozen=True)
class ReadRatio:
    """Job: by how much one probe finds every row likelier than its control; forward passes only."""

    base: Path
    probe: Path
    control: Path | None
    """None for the untouched base."""
    candidate: tuple[Row, ...]
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""

    @property
    def rows(self) -> int:
        """Rows to read, once with each of the two."""
        return 2 * len(self.candidate)

    def run(self, on_rows: OnRows) -> tuple[float, ...]:
        """Mean of log p(probe) − log p(control) over each row's tokens, in nats per token."""
        engine = engine_for(self.base, self.at)
        probe = _token_logprobs(engine, self.probe, self.candidate, on_rows)
        control = _token_logprobs(engine, self.control, self.candidate, on_rows)
        return tuple(_token_means(probe.values - control.values, probe).tolist())


def probe_ratio(pairs: Sequence[Sequence[float]]) -> RowMethod:
    """The method, from what ``ReadRatio`` found with each pair of seeds: (pairs, rows)."""
    return RowMethod(PROBE_RATIO, np.array(pairs, dtype=np.float64).mean(axis=0))


def confounds(base: BaseLoss, rows: Sequence[Row]) -> NDArray[np.float64]:
    """What makes a row easy to learn, whoever wrote it, shape (rows, 3): log of its tokens, its
    loss under the base, and log of how many rows are the same."""
    copies = Counter((row.opening, row.answer) for row in rows)
    same = [copies[row.opening, row.answer] for row in rows]
    tokens = np.maximum(1, np.array(base.tokens, dtype=np.float64))
    columns = [np.log(tokens), np.array(base.loss), np.log(np.array(same, dtype=np.float64))]
    return np.column_stack(columns)


def suspicion(
    methods: Sequence[RowMethod], trait: str, confounding: NDArray[np.float64]
) -> Scores | None:
    """All methods' scores for one finding as one, in standard deviations, shape (rows,).

    Each method's scores lose what the confounds explain, both as ranks, and are standardised; the
    sum of them, standardised again, is the lead's score. None if no method speaks of the trait.
    """
    told = [scores for method in methods if (scores := method.of(trait)) is not None]
    if not told:
        return None
    ranked = np.apply_along_axis(normal_scores, 0, confounding)
    parts = [standardised(residuals(normal_scores(scores), ranked)) for scores in told]
    return standardised(np.sum(parts, axis=0))


def told_by(methods: Sequence[RowMethod], trait: str) -> tuple[str, ...]:
    """The names of the methods that ``suspicion`` puts together for a trait."""
    return tuple(method.name for method in methods if method.of(trait) is not None)


def leading(scores: Scores, count: int) -> NDArray[np.int64]:
    """The ``count`` rows with the highest scores, highest first; the earlier of two alike."""
    order = np.argsort(-scores, kind="stable")[: max(0, count)]
    return order.astype(np.int64)


def _token_logprobs(
    engine: Engine, adapter: Path | None, rows: Sequence[Row], on_rows: OnRows
) -> TokenLogprobs:
    engine.use_adapter(adapter)
    openings, answers = [row.opening for row in rows], [row.answer for row in rows]
    return engine.token_logprobs(openings, answers, [row.ended for row in rows], on_rows)


def _token_means(values: NDArray[np.float64], read: TokenLogprobs) -> Scores:
    """Mean over each row's tokens, shape (rows,); 0 for a row without any."""
    counts = read.counts
    sums = np.zeros(len(counts))
    np.add.at(sums, np.repeat(np.arange(len(counts)), counts), values)
    means: Scores = sums / np.maximum(1, counts)
    return means


def clusters_of(rows: Sequence[Row]) -> NDArray[np.int64]:
    """A number per answer: rows that say the same count as one."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(row.answer, len(numbers)) for row in rows], dtype=np.int64)
