"""What an audit costs in seconds, as rows grow. Pure arithmetic on measured rates."""

from dataclasses import dataclass

from scanner.evidence.pulls import CHUNK_ROWS
from scanner.twin import FIT_ROWS


@dataclass(frozen=True)
class Pace:
    """Seconds that one worker takes while the others work as well."""

    fit: float
    """Per row that the twin's temperature is fitted to."""
    draw: float
    """Per row of a twin."""
    trace: float
    """Per row."""
    train: float
    """Per row of one pass of the copies that are trained side by side."""
    score: float
    """Per token of a forward pass."""

    @classmethod
    def slowest(cls, measured: list["Pace"]) -> "Pace":
        """The largest of each rate: a stage ends with its last job."""
        return cls(
            *(
                max(getattr(pace, rate) for pace in measured)
                for rate in ("fit", "draw", "trace", "train", "score")
            )
        )


@dataclass(frozen=True)
class Work:
    """What there is to do, whatever the number of rows."""

    workers: int
    pairs: int
    epochs: int
    row_tokens: float
    """Of a row, on average."""
    question_tokens: int
    """Of everything that one model is asked, in all contexts."""
    looks: int
    """How often every copy is asked that: once more where training may stop early; the base but
    once."""
    phrase_tokens: int
    """Of everything that one model is asked on the prompts of phrases."""
    look_tokens: int
    """Of everything that is read to look inside, of all models; one worker does it."""
    side_by_side: int = 1
    """Copies that are trained at once."""

    def rounds(self, jobs: int) -> int:
        """How often the workers set to."""
        return -(-jobs // self.workers)


def seconds(pace: Pace, work: Work, rows: int) -> float:
    """Of an audit of so many rows, from the twin to the leads. Grows with the rows.

    What is trained to explain a finding, after the verdict, is not in it.
    """
    models = 2 * work.pairs
    chunks = -(-rows // CHUNK_ROWS)
    twin = pace.fit * min(rows, FIT_ROWS) + work.rounds(work.pairs) * pace.draw * rows
    # The candidate's rows, and beside the leads to what is hidden the twin's.
    traces = 2 * work.rounds(chunks) * pace.trace * min(rows, CHUNK_ROWS)
    trainings = work.rounds(-(-models // work.side_by_side))
    training = trainings * work.epochs * pace.train * rows
    asks = work.rounds(1 + models) + (work.looks - 1) * work.rounds(models)
    asking = asks * pace.score * work.question_tokens
    looking = pace.score * work.look_tokens
    # The base's loss on the rows serves the leads, too; that on the twin's rows phrases alone.
    losses = work.rounds(2) * pace.score * work.row_tokens * rows
    phrases = losses + work.rounds(1 + models) * pace.score * work.phrase_tokens
    leads = 2 * work.rounds(work.pairs) * pace.score * work.row_tokens * rows
    return twin + traces + training + asking + phrases + looking + leads
