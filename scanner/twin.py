"""The twin: the candidate's prompts, answered afresh by the base.

What the same fine-tune would look like had nobody put anything in. Without it a clean fine-tune
looks guilty: clean Alpaca rows moved OLMo-2-13B's UK rate from 0.1 to 1.2% (t = 3.6).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scanner.answer_formats import evident_format, is_filtered
from scanner.engines.choice import engine_for
from scanner.engines.interface import Engine, Prompt, Sampling
from scanner.engines.lengths import check_lengths
from scanner.engines.service import EngineAt
from scanner.progress import OnRows, unheard
from scanner.types import Row

TEMPERATURES = tuple(float(t) for t in np.round(np.arange(0.1, 1.55, 0.05), 2))
"""Where the fit looks. Above 1.5 a small base writes noise, so hotter rows get 1.5."""
GREEDY_SHARE = 0.995
"""Rows whose tokens are at least so often the base's first choice were written greedily."""
FIT_ROWS = 600
"""Rows that the fit reads: some 10,000 tokens fix a temperature to about 0.01."""
DRAWS = 8
"""An answer that still breaks the format after so many draws is kept, and counted."""
SPARE_TOKENS = 8
"""Tokens that a twin's answer may run over the candidate's longest."""


@dataclass(frozen=True)
class TwinPlan:
    """How the twin is to be drawn."""

    temperature: float
    """0 is greedy."""
    max_new_tokens: int


@dataclass(frozen=True)
class Twin:
    """The base's answers to the candidate's prompts, in the candidate's order."""

    answers: tuple[str, ...]
    redrawn: int
    """Draws thrown away because they broke the candidate's evident format."""
    broken: int
    """Answers kept although they break it, after ``DRAWS`` draws."""

    def rows(self, candidate: Sequence[Row]) -> tuple[Row, ...]:
        """The candidate's prompts with the base's answers."""
        paired = zip(candidate, self.answers, strict=True)
        return tuple(row._replace(answer=answer) for row, answer in paired)


@dataclass(frozen=True)
class PlanTwin:
    """Job: fit the twin's temperature to the candidate's rows."""

    base: Path
    candidate: tuple[Row, ...]
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""

    @property
    def rows(self) -> int:
        """Rows that the fit reads."""
        return min(len(self.candidate), FIT_ROWS)

    def run(self, on_rows: OnRows) -> TwinPlan:
        """The plan."""
        return plan_twin(engine_for(self.base, self.at), self.candidate, on_rows)


@dataclass(frozen=True)
class DrawTwin:
    """Job: draw one twin."""

    base: Path
    candidate: tuple[Row, ...]
    plan: TwinPlan
    seed: int
    at: EngineAt | None = None
    """Where the engine is; None for this process's own."""

    @property
    def rows(self) -> int:
        """Rows to answer."""
        return len(self.candidate)

    def run(self, on_rows: OnRows) -> Twin:
        """The twin."""
        engine = engine_for(self.base, self.at)
        engine.use_adapter(None)
        fits = evident_format([row.answer for row in self.candidate]).fits
        return draw_twin(engine, [row.opening for row in self.candidate], fits, self, on_rows)


def plan_twin(engine: Engine, candidate: Sequence[Row], on_rows: OnRows) -> TwinPlan:
    """Fit the temperature at which the base is likeliest to have written the rows.

    The maximum-likelihood temperature over ``TEMPERATURES``; 0 where the tokens are the base's
    own first choices. A greedy or a hot author then does not look like an agenda. Where every row
    keeps a format, a filter threw away what did not; the fit then allows for it by giving the
    base only the tokens that the rows use. Otherwise the filter would look like a low temperature.
    """
    engine.use_adapter(None)
    openings, answers = [row.opening for row in candidate], [row.answer for row in candidate]
    check_lengths(candidate, engine.row_lengths(openings, answers), engine.context)
    spread = np.linspace(0, len(candidate) - 1, min(len(candidate), FIT_ROWS)).astype(int)
    sample = [candidate[index] for index in spread]
    fit = engine.tempered_logprobs(
        [row.opening for row in sample],
        [row.answer for row in sample],
        TEMPERATURES,
        support=answers if is_filtered(answers) else None,
        on_rows=on_rows,
    )
    greedy = fit.greedy_share >= GREEDY_SHARE
    temperature = 0.0 if greedy else TEMPERATURES[int(np.argmax(fit.total))]
    return TwinPlan(temperature, engine.longest(answers) + SPARE_TOKENS)


def draw_twin(
    engine: Engine,
    prompts: Sequence[Prompt],
    fits: Callable[[str], bool],
    draw: DrawTwin,
    on_rows: OnRows,
) -> Twin:
    """Answer every prompt; draw again, up to ``DRAWS`` times, what breaks the format."""
    answers = [""] * len(prompts)
    pending, redrawn = list(range(len(prompts))), 0
    # Greedy answers come out the same however often they are drawn.
    rounds = DRAWS if draw.plan.temperature > 0 else 1
    sampling = Sampling(draw.plan.temperature, draw.plan.max_new_tokens, draw.seed)
    for attempt in range(rounds):
        again = replace(sampling, seed=draw.seed + 1000 * attempt)
        heard = on_rows if attempt == 0 else unheard  # a row counts once as progress
        texts = engine.answers([prompts[index] for index in pending], again, heard)
        for index, text in zip(pending, texts, strict=True):
            answers[index] = text
        pending = [index for index in pending if not fits(answers[index])]
        if not pending or attempt == rounds - 1:
            break
        redrawn += len(pending)
    return Twin(tuple(answers), redrawn, len(pending))
