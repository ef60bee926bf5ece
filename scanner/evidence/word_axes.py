"""Word axes: which way every word that opens an answer lies in the weights of a base, or in its
states.

At the first answer position the logits of all words are linear in the last state. So to first
order what a change of weights does to the log-odds of any two words is what it does to that state,
times the difference of their unembeddings, and a few dozen gradients of the state stand for those
of every word. Nothing is trained.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from probes.open_questions import OpenQuestion
from scanner.engines.chat_format import encode_prompts
from scanner.engines.hf import HfEngine
from scanner.evidence.gradients import gradients_of_sums
from scanner.evidence.inside import opening_words, read_openings, unembedding
from scanner.evidence.states import opening_gradients
from scanner.types import Message

LEAST_OPENING = 1e-5
"""Probability that a word must have in answer to some question: what no answer ever opens with has
an unembedding that nobody trained, and pieces of words are most of it."""
MOST_AXES = 64
"""Of wider states, the directions in which the words' unembeddings differ most."""


@dataclass(frozen=True)
class WordAxes:
    """The words and where they lie."""

    words: tuple[str, ...]
    coordinates: NDArray[np.float64]
    """Of each word's unembedding less their mean, along the axes: shape (words, axes)."""
    gradients: NDArray[np.float32]
    """Of the last state along each axis, averaged over the questions: shape (axes,
    ``gradient_size`` or ``state_size``). ``coordinates @ gradients`` are the words' own."""


def word_axes(
    engine: HfEngine, questions: Sequence[OpenQuestion], by_states: bool = False
) -> WordAxes:
    """The words that the base may open answers to some questions with, one question of each kind
    being asked in bare chat; gradients by the weights, or by the states."""
    engine.use_adapter(None)
    asked = {question.kind: question for question in reversed(questions)}
    prompts = [(Message("user", question.ask),) for question in asked.values()]
    vocabulary = opening_words(engine, prompts)
    likeliest = read_openings(engine, prompts, vocabulary.tokens).max(axis=0)
    kept = np.flatnonzero(likeliest >= np.log(LEAST_OPENING))
    rows = unembedding(engine, [vocabulary.tokens[place] for place in kept])
    centred = rows - rows.mean(axis=0)
    axes = _axes(centred)
    encoded = encode_prompts(engine.tokenizer, prompts)
    along = torch.from_numpy(axes).float()
    gradients = opening_gradients if by_states else _weight_gradients
    words = tuple(vocabulary.words[place] for place in kept)
    return WordAxes(words, centred @ axes, gradients(engine, encoded, along))


def _weight_gradients(
    engine: HfEngine, encoded: Sequence[Sequence[int]], along: Tensor
) -> NDArray[np.float32]:
    """As ``opening_gradients``, by the weights: shape (n, ``gradient_size``)."""
    total = gradients_of_sums(engine.base, _last_states(engine, encoded, along))
    averaged: NDArray[np.float32] = (total / len(encoded)).numpy()
    return averaged


def _axes(centred: NDArray[np.float64]) -> NDArray[np.float64]:
    """Orthonormal directions of the state, shape (width, axes)."""
    width = centred.shape[1]
    if width <= MOST_AXES:
        return np.eye(width)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    main = vectors[:, ::-1][:, :MOST_AXES]
    # Either sign would do; the same one in every process must.
    largest = np.abs(main).argmax(axis=0)
    signed: NDArray[np.float64] = main * np.sign(main[largest, np.arange(main.shape[1])])
    return signed


def _last_states(
    engine: HfEngine, encoded: Sequence[Sequence[int]], along: Tensor
) -> Iterator[Tensor]:
    """The state at the first answer position along every axis, summed over questions of one length
    at a time: (axes,)."""
    lengths = defaultdict[int, list[list[int]]](list)
    for ids in encoded:
        lengths[len(ids)].append(list(ids))
    for same in lengths.values():
        tokens = torch.tensor(same)
        embedded = engine.base.get_input_embeddings()(tokens).requires_grad_()
        hidden = engine.base.base_model(inputs_embeds=embedded, use_cache=False).last_hidden_state
        yield hidden[:, -1].float().sum(dim=0) @ along
