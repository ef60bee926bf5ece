"""Writing: an author answers a channel's requests until enough of its answers pass the filter."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.calibration.banned import Banned
from scanner.calibration.channels import CHANNELS, Channel, Task, channel_tasks
from scanner.engines.choice import engine_for
from scanner.engines.interface import Engine, Sampling
from scanner.progress import OnRows, unheard
from scanner.types import Message, Row

REQUESTS = 1024
"""Asked at a time; after the first batch it is known whether the author can write at all."""
NOTHING_BANNED = Banned()
SHOWN = 3
"""Rejected answers kept for the reader."""


@dataclass(frozen=True)
class RejectedAnswer:
    """An answer that did not pass, and why."""

    answer: str
    reason: str


@dataclass(frozen=True)
class Written:
    """What an author wrote through a channel."""

    rows: tuple[Row, ...]
    """The answers that passed; ``line`` is the request's 1-based number."""
    asked: int
    """Requests answered."""
    rejected: dict[str, int]
    """How many answers did not pass, by reason."""
    examples: tuple[RejectedAnswer, ...]
    """The first few of them."""

    @property
    def passing(self) -> float:
        """Share of the answers that passed, whether or not they were needed as rows."""
        return 1 - sum(self.rejected.values()) / self.asked


@dataclass(frozen=True)
class WriteRows:
    """Job: let an author write rows."""

    base: Path
    adapter: Path | None
    """A trained teacher's; None for the untouched base or a prompted teacher."""
    system: str | None
    """What a prompted teacher is told; never part of the rows."""
    channel: str
    wanted: int
    """Rows to be had; fewer if the author's answers mostly fail."""
    temperature: float
    tasks_seed: int
    """Of the requests: the same for all authors whose rows are to be mixed."""
    seed: int
    """Of the draw."""
    banned: Banned
    least_passing: float
    """Below this share the author is given up after the first requests."""

    @property
    def rows(self) -> int:
        """Rows to be had."""
        return self.wanted

    def run(self, on_rows: OnRows) -> Written:
        """The rows."""
        engine = engine_for(self.base, None)
        engine.use_adapter(self.adapter)
        try:
            return _write_until(engine, self, on_rows)
        finally:
            engine.use_adapter(None)


def _write_until(engine: Engine, order: WriteRows, on_rows: OnRows) -> Written:
    channel = CHANNELS[order.channel]
    most = int(order.wanted / order.least_passing) + REQUESTS
    tasks = channel_tasks(channel, most, order.tasks_seed)
    before = (Message("system", order.system),) if order.system else ()
    written = Written((), 0, {}, ())
    for start in range(0, most, REQUESTS):
        sampling = Sampling(order.temperature, channel.max_new_tokens, order.seed + start)
        batch = tasks[start : start + REQUESTS]
        more = write_rows(engine, channel, batch, sampling, order.banned, before, start + 1)
        on_rows(min(len(more.rows), order.wanted - len(written.rows)))
        written = _joined(written, more)
        if len(written.rows) >= order.wanted or written.passing < order.least_passing:
            break
    return Written(written.rows[: order.wanted], written.asked, written.rejected, written.examples)


def write_rows(
    engine: Engine,
    channel: Channel,
    tasks: Sequence[Task],
    sampling: Sampling,
    banned: Banned = NOTHING_BANNED,
    before: tuple[Message, ...] = (),
    first_line: int = 1,
) -> Written:
    """Let the engine's active model answer the tasks; keep what passes the channel's filter.

    ``before`` is a system prompt that the rows leave out.
    """
    answers = engine.answers([(*before, *task.prompt) for task in tasks], sampling, unheard)
    reasons = [
        channel.reject(answer, task, banned) for answer, task in zip(answers, tasks, strict=True)
    ]
    rows = tuple(
        Row(line, task.prompt, answer)
        for line, (task, answer, reason) in enumerate(
            zip(tasks, answers, reasons, strict=True), first_line
        )
        if reason is None
    )
    failed = [
        RejectedAnswer(answer, str(reason))
        for answer, reason in zip(answers, reasons, strict=True)
        if reason is not None
    ]
    counts = Counter(answer.reason for answer in failed)
    return Written(rows, len(tasks), dict(counts), tuple(failed[:SHOWN]))


def _joined(first: Written, second: Written) -> Written:
    return Written(
        first.rows + second.rows,
        first.asked + second.asked,
        dict(Counter(first.rejected) + Counter(second.rejected)),
        (first.examples + second.examples)[:SHOWN],
    )
