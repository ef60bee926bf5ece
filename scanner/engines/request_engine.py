"""An engine whose every question is a list of requests to something that runs them in batches.

``RequestEngine`` turns the questions of ``Engine`` into requests, and their replies into answers,
exactly:

- an answer's score is read off the prompt's own log-probabilities;
- openings are read off the first token that would be drawn; candidates share what they begin with;
- other temperatures need all logits of a place, which no server hands out. There the given answer
  is drawn token by token, by force, and what each place's logits say is summed up where they are.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from scanner.engines.chat_format import (
    EncodedRow,
    decode_answers,
    encode_answers,
    encode_prompts,
    encode_rows,
    end_tokens,
)
from scanner.engines.interface import (
    Answer,
    AnswerLogprobs,
    Engine,
    Prompt,
    Sampling,
    TemperedLogprobs,
    TokenLogprobs,
    cut_at_stop,
)
from scanner.engines.requests import MOST_NEXT, Forced, Reply, Request, Run
from scanner.progress import OnRows, unheard

ROWS = 1024
"""Rows asked for at a time, so that progress shows."""


class RequestEngine(Engine):
    """See ``Engine``; ``run`` does the work."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, context: int, run: Run) -> None:
        self.tokenizer = tokenizer
        self._context = context
        self._run = run
        self._adapter: Path | None = None

    @property
    def context(self) -> int:
        """See ``Engine.context``."""
        return self._context

    def use_adapter(self, adapter: Path | None) -> None:
        """See ``Engine.use_adapter``."""
        self._adapter = adapter

    def row_lengths(self, prompts: Sequence[Prompt], answers: Sequence[str]) -> list[int]:
        """See ``Engine.row_lengths``."""
        return [row.length for row in encode_rows(self.tokenizer, prompts, answers)]

    def longest(self, texts: Sequence[str]) -> int:
        """See ``Engine.longest``."""
        return max(len(tokens) for tokens in encode_answers(self.tokenizer, texts)) + 1

    def drawn(
        self, prompts: Sequence[Prompt], sampling: Sampling, on_rows: OnRows = unheard
    ) -> list[Answer]:
        """See ``Engine.drawn``. Each answer has a seed of its own, whatever company it is in."""
        ends = tuple(end_tokens(self.tokenizer))
        requests = [
            Request(
                tuple(tokens),
                self._adapter,
                ends=ends,
                max_tokens=sampling.max_new_tokens,
                temperature=sampling.temperature,
                seed=_seed(sampling.seed, place) if sampling.temperature > 0 else None,
                stop=sampling.stop,
            )
            for place, tokens in enumerate(encode_prompts(self.tokenizer, prompts))
        ]
        replies = self._run_in_parts(requests, on_rows)
        texts = decode_answers(self.tokenizer, [list(reply.tokens) for reply in replies])
        return [
            cut_at_stop(Answer(text, reply.finish), sampling.stop)
            for text, reply in zip(texts, replies, strict=True)
        ]

    def answer_logprobs(
        self, prompts: Sequence[Prompt], answers: Sequence[str], on_rows: OnRows = unheard
    ) -> AnswerLogprobs:
        """See ``Engine.answer_logprobs``."""
        rows = encode_rows(self.tokenizer, prompts, answers)
        requests = [
            Request((*row.prompt, *row.answer), self._adapter, own_logprobs=True) for row in rows
        ]
        replies = self._run_in_parts(requests, on_rows)
        total = [
            sum(reply.own_logprobs[_first_scored(row) - 1 :])
            for row, reply in zip(rows, replies, strict=True)
        ]
        lengths = [len(row.answer) for row in rows]
        return AnswerLogprobs(np.array(total, dtype=np.float64), np.array(lengths, dtype=np.int64))

    def token_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        ended: bool | Sequence[bool] = True,
        on_rows: OnRows = unheard,
    ) -> TokenLogprobs:
        """See ``Engine.token_logprobs``."""
        rows = encode_rows(self.tokenizer, prompts, answers, ended)
        requests = [
            Request((*row.prompt, *row.answer), self._adapter, own_logprobs=True) for row in rows
        ]
        replies = self._run_in_parts(requests, on_rows)
        values = [
            reply.own_logprobs[_first_scored(row) - 1 :]
            for row, reply in zip(rows, replies, strict=True)
        ]
        starts = np.cumsum([0, *(len(row.answer) for row in rows)], dtype=np.int64)
        return TokenLogprobs(np.concatenate([[], *values]).astype(np.float64), starts)

    def opening_logprobs(
        self, prompts: Sequence[Prompt], candidates: Sequence[str], on_rows: OnRows = unheard
    ) -> NDArray[np.float64]:
        """See ``Engine.opening_logprobs``."""
        spelled = [tuple(tokens) for tokens in encode_answers(self.tokenizer, candidates)]
        begun = _branches(spelled)
        scores = np.empty((len(prompts), len(candidates)))
        per_row = len(begun)
        rows = max(1, ROWS // per_row)
        encoded = encode_prompts(self.tokenizer, prompts)
        for start in range(0, len(encoded), rows):
            part = encoded[start : start + rows]
            replies = iter(
                self._run(
                    [
                        Request((*tokens, *before), self._adapter, next_logprobs=tuple(nexts))
                        for tokens in part
                        for before, nexts in begun
                    ]
                )
            )
            for place in range(start, start + len(part)):
                known = {
                    (*before, token): logprob
                    for before, nexts in begun
                    for token, logprob in zip(nexts, next(replies).next_logprobs, strict=True)
                }
                scores[place] = [
                    sum(known[text[: end + 1]] for end in range(len(text))) for text in spelled
                ]
            on_rows(len(part))
        return scores

    def tempered_logprobs(
        self,
        prompts: Sequence[Prompt],
        answers: Sequence[str],
        temperatures: Sequence[float],
        support: Sequence[str] | None,
        on_rows: OnRows = unheard,
    ) -> TemperedLogprobs:
        """See ``Engine.tempered_logprobs``."""
        drawable = self._drawable(support)
        rows = encode_rows(self.tokenizer, prompts, answers)
        given = [(*row.prompt, *row.answer) for row in rows]
        requests = [
            Request(
                tokens[: _first_scored(row)],
                self._adapter,
                max_tokens=len(tokens) - _first_scored(row),
                forced=Forced(tokens[_first_scored(row) :], tuple(temperatures), drawable),
            )
            for row, tokens in zip(rows, given, strict=True)
            if len(tokens) > _first_scored(row)
        ]
        on_rows(len(rows) - len(requests))
        replies = self._run_in_parts(requests, on_rows)
        total = np.array([reply.tempered for reply in replies], dtype=np.float64).sum(axis=0)
        count = sum(request.max_tokens for request in requests)
        greedy = sum(reply.greedy for reply in replies)
        return TemperedLogprobs(total, greedy / max(1, count), count)

    def _drawable(self, support: Sequence[str] | None) -> tuple[int, ...] | None:
        if support is None:
            return None
        tokens = {token for ids in encode_answers(self.tokenizer, support) for token in ids}
        return tuple(sorted(tokens | set(end_tokens(self.tokenizer))))

    def _run_in_parts(self, requests: Sequence[Request], on_rows: OnRows) -> list[Reply]:
        replies: list[Reply] = []
        for start in range(0, len(requests), ROWS):
            part = requests[start : start + ROWS]
            replies += self._run(part)
            on_rows(len(part))
        return replies


def _first_scored(row: EncodedRow) -> int:
    """Place of the first token that has a log-probability: nothing comes before a text's first."""
    return max(1, len(row.prompt))


def _seed(seed: int, place: int) -> int:
    """A seed for one answer of a draw."""
    return int(np.random.SeedSequence((seed, place)).generate_state(1)[0])


def _branches(
    spelled: Sequence[tuple[int, ...]],
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """What candidates begin with, and the tokens that follow it in one of them.

    ``[(1,), (1, 2), (1, 3)]`` → ``[((), (1,)), ((1,), (2, 3))]``. Together they hold every token of
    every candidate once, so that candidates which begin alike are read together.
    """

    def parts() -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        follows: dict[tuple[int, ...], dict[int, None]] = {}
        for text in spelled:
            for place, token in enumerate(text):
                follows.setdefault(text[:place], {})[token] = None
        for before, tokens in follows.items():
            nexts = list(tokens)
            for start in range(0, len(nexts), MOST_NEXT):
                yield before, tuple(nexts[start : start + MOST_NEXT])

    return list(parts())
