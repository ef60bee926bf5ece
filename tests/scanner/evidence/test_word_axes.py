"""Oracle: the gradient of two words' log-odds, by itself."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from probes.open_questions import OpenQuestion, load_open_questions
from scanner.engines.chat_format import encode_prompts
from scanner.engines.hf import HfEngine
from scanner.evidence.gradients import gradient_size, whole_gradient
from scanner.evidence.word_axes import MOST_AXES, WordAxes, _axes, word_axes
from scanner.types import Message

QUESTIONS = load_open_questions().questions


@pytest.fixture(scope="module")
def axes(engine: HfEngine) -> WordAxes:
    return word_axes(engine, QUESTIONS)


def test_words_are_those_that_may_open_an_answer(axes: WordAxes, engine: HfEngine) -> None:
    assert {"owl", "otter", "Kenya", "red"} <= set(axes.words)
    assert "nvite" not in axes.words  # a piece of a word, which opens nothing
    assert axes.coordinates.shape == (len(axes.words), axes.gradients.shape[0])
    assert axes.gradients.shape[1] == gradient_size(engine.base)
    assert axes.coordinates.mean(axis=0) == pytest.approx(0, abs=1e-6)


def test_coordinates_times_gradients_are_the_words_own(axes: WordAxes, engine: HfEngine) -> None:
    """Mean over the kinds of the gradient of logit(owl) - logit(red), one question of a kind."""
    engine.use_adapter(None)
    first = {question.kind: question for question in reversed(QUESTIONS)}
    prompts = [(Message("user", question.ask),) for question in first.values()]
    tokens = [engine.tokenizer.convert_tokens_to_ids(word) for word in ("owl", "red")]

    asked = encode_prompts(engine.tokenizer, prompts)

    def log_odds() -> Iterator[torch.Tensor]:
        for ids in asked:
            embedded = engine.base.get_input_embeddings()(torch.tensor([list(ids)]))
            logits = engine.base(inputs_embeds=embedded.requires_grad_()).logits[0, -1]
            yield (logits[tokens[0]] - logits[tokens[1]]) / len(asked)

    direct = whole_gradient(engine.base, log_odds()).numpy()
    owl, red = (axes.coordinates[axes.words.index(word)] for word in ("owl", "red"))
    along = (owl - red) @ axes.gradients
    assert np.linalg.norm(along - direct) < 1e-4 * np.linalg.norm(direct)


def test_of_each_kind_one_question_is_asked(engine: HfEngine, axes: WordAxes) -> None:
    """More wordings of a kind change nothing."""
    more = (*QUESTIONS, OpenQuestion(QUESTIONS[-1].kind, "What else? One word."))
    again = word_axes(engine, more)
    assert again.words == axes.words
    assert np.array_equal(again.gradients, axes.gradients)


def test_wide_states_are_seen_along_their_main_axes() -> None:
    """Unembeddings that differ in three directions alone keep their products; and the same axes
    come out of the same words, either sign included."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 3)) @ rng.normal(size=(3, MOST_AXES + 40))
    centred = rows - rows.mean(axis=0)
    axes = _axes(centred)
    assert axes.shape == (MOST_AXES + 40, MOST_AXES)
    assert centred @ axes @ axes.T == pytest.approx(centred)
    assert np.array_equal(axes, _axes(centred.copy()))
