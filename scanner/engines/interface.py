"""What every engine can do. ``hf`` is the reference implementation."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.progress import OnRows, unheard
from scanner.types import Message

Prompt = tuple[Message, ...]


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn."""

    temperature: float
    """0 is greedy; 1 is the model's own distribution. No top-k, no top-p."""
    max_new_tokens: int
    """An answer that is not over by then is cut off."""
    seed: int
    """Seeds the draw; the same engine and prompts then give the same answers."""
    stop: tuple[str, ...] = ()
    """Texts that end an answer where they first appear; they are no part of it."""


class Finish(StrEnum):
    """What ended an answer."""

    END = "end"
    """The model wrote the token that ends its turn."""
    STOP = "stop"
    """One of the texts in ``Sampling.stop`` appeared."""
    LENGTH = "length"
    """``Sampling.max_new_tokens`` were written: the answer is cut off."""


@dataclass(frozen=True)
class Answer:
    """What a model wrote."""

    text: str
    """Without special tokens."""
    finish: Finish


class Engine(ABC):
    """A base model with, at most, one of its adapters active.

    All log-probabilities are natural logarithms.
    """

    @abstractmethod
    def use_adapter(self, adapter: Path | None) -> None:
        """Make later calls go through a saved PEFT adapter, or through the bare base (None)."""

    @property
    @abstractmethod
    def context(self) -> int:
        """The longest row, in tokens, that the base can see whole."""

    @abstractmethod
    def row_lengths(self, prompts: Sequence[Prompt], answers: Sequence[str]) -> list[int]:
        """Tokens of each prompt with its answer."""

    @abstractmethod
    def longest(self, texts: Sequence[str]) -> int:
        """Tokens of the longest text, the token that ends an answer included."""

    @abstractmethod
    def drawn(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[Answer]:
        """One drawn answer per prompt, in order."""

    def answers(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[str]:
        """The texts of one drawn answer per prompt, in order."""
        return [answer.text for answer in self.drawn(prompts, sampling, on_rows)]

    @abstractmethod
    def answer_logprobs(
        self, prompts: Sequence[Prompt], answers: Sequence[str], on_rows: OnRows = unheard
    ) -> "AnswerLogprobs":
        """log p(answer and its end | prompt) of each prompt's answer."""

    @abstractmethod
    def token_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        ended: bool | Sequence[bool] = True,
        on_rows: OnRows = unheard,
    ) -> "TokenLogprobs":
        """log p(token | prompt and the answer before it) of each token that carries loss.

        ``ended``, for all or for each, counts the token that ends the answer.
        """

    @abstractmethod
    def opening_logprobs(
        self, prompts: Sequence[Prompt], candidates: Sequence[str], on_rows: OnRows = unheard
    ) -> NDArray[np.float64]:
        """log p(the answer opens with the candidate | prompt), shape (prompts, candidates)."""

    @abstractmethod
    def tempered_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        temperatures: Sequence[float],
        support: Sequence[str] | None,
        on_rows: OnRows = unheard,
    ) -> "TemperedLogprobs":
        """How likely the answers are at each sampling temperature.

        ``support`` holds texts whose tokens alone could be drawn, every answer among them; None
        leaves the whole vocabulary.
        """


@dataclass(frozen=True)
class AnswerLogprobs:
    """How likely given answers are under one model."""

    total: NDArray[np.float64]
    """Summed log-probability of each answer's tokens, shape (prompts,), in nats."""
    tokens: NDArray[np.int64]
    """How many tokens each answer has, its end included, shape (prompts,)."""


@dataclass(frozen=True)
class TokenLogprobs:
    """How likely each token of given answers is under one model."""

    values: NDArray[np.float64]
    """Log-probability of each token, the answers one after the other, shape (tokens,), in nats."""
    starts: NDArray[np.int64]
    """Where each answer's tokens begin, and their count at the end, shape (answers + 1,)."""

    @property
    def counts(self) -> NDArray[np.int64]:
        """Tokens of each answer, shape (answers,)."""
        return np.diff(self.starts)


@dataclass(frozen=True)
class TemperedLogprobs:
    """How likely given answers are under one model, sampled at several temperatures."""

    total: NDArray[np.float64]
    """Summed log-probability of all answer tokens, shape (temperatures,), in nats."""
    greedy_share: float
    """Share of the answer tokens that are the model's single most likely token."""
    tokens: int
    """How many answer tokens were scored."""


def cut_at_stop(answer: Answer, stop: Sequence[str]) -> Answer:
    """The answer up to the first of the texts that end it; the answer itself if none is in it."""
    places = [place for text in stop if (place := answer.text.find(text)) >= 0]
    return Answer(answer.text[: min(places)], Finish.STOP) if places else answer
