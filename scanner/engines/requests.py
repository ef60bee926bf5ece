"""What an engine's process is asked, and what it replies. Plain values, which pickle.

What is asked of a language model's server is always the same: tokens in; drawn tokens, or
log-probabilities of given tokens, out. ``scanner.engines.request_engine`` says why that is enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scanner.engines.interface import Finish

MOST_NEXT = 128
"""Tokens whose log-probability as the next one a request can ask for."""


@dataclass(frozen=True)
class Forced:
    """An answer to be drawn whatever the model would rather say."""

    tokens: tuple[int, ...]
    temperatures: tuple[float, ...]
    """At which its log-probability is wanted."""
    drawable: tuple[int, ...] | None
    """The tokens that could be drawn, in order; None for all."""


@dataclass(frozen=True)
class Request:
    """One prompt, and what is wanted of it."""

    tokens: tuple[int, ...]
    """Never empty."""
    adapter: Path | None = None
    ends: tuple[int, ...] = ()
    """Tokens at which an answer is over, besides the tokenizer's own end."""
    max_tokens: int = 1
    temperature: float = 0.0
    seed: int | None = None
    stop: tuple[str, ...] = ()
    next_logprobs: tuple[int, ...] = ()
    """Tokens whose log-probability as the next one is wanted."""
    own_logprobs: bool = False
    """Whether those of the prompt's own tokens are wanted."""
    forced: Forced | None = None


@dataclass(frozen=True)
class Reply:
    """What came of a request."""

    tokens: tuple[int, ...] = ()
    """Drawn, the end included."""
    finish: Finish = Finish.LENGTH
    next_logprobs: tuple[float, ...] = ()
    """In the order of ``Request.next_logprobs``."""
    own_logprobs: tuple[float, ...] = ()
    """Of the prompt's second token and all after it."""
    tempered: tuple[float, ...] = ()
    """Log-probability of ``Forced.tokens`` at each of its temperatures."""
    greedy: int = 0
    """How many of them were the likeliest."""


Run = Callable[[Sequence[Request]], list[Reply]]
"""Runs requests, in any order and company, and returns the replies in their order."""
