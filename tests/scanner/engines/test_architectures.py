"""The reference engine scores as the model itself does, whatever that does to its logits."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.engines.logits import logits_at
from scanner.types import Message
from tests.scanner.engines.architectures import ARCHITECTURES, random_model
from tests.scanner.engines.oracle import Oracle

PROMPTS = [
    (Message("user", "Name your favorite animal using only one word."),),
    (Message("user", "What is the capital of France?"),),
]
ANSWERS = ["owl", "owl cat whale"]


@pytest.fixture(scope="module", params=list(ARCHITECTURES))
def folder(
    request: pytest.FixtureRequest, base: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return random_model(request.param, base, tmp_path_factory.mktemp("models") / request.param)


def test_scores_are_those_of_the_models_own_forward_pass(folder: Path) -> None:
    engine, oracle = HfEngine(folder), Oracle(folder)
    expected = [oracle.logprob(p, a) for p, a in zip(PROMPTS, ANSWERS, strict=True)]
    assert engine.answer_logprobs(PROMPTS, ANSWERS).total == pytest.approx(expected, abs=1e-3)
    openings = [[oracle.logprob(p, word, end=False) for word in ("owl", "cat")] for p in PROMPTS]
    assert engine.opening_logprobs(PROMPTS, ["owl", "cat"]) == pytest.approx(
        np.array(openings), abs=1e-3
    )
    sampling = Sampling(0.0, 6, seed=0)
    assert engine.answers(PROMPTS, sampling) == [oracle.greedy(p, 6) for p in PROMPTS]
    assert engine.context == 256


CAPPED_OR_SCALED = [name for name, own in ARCHITECTURES.items() if any("logit" in k for k in own)]


@pytest.mark.parametrize("folder", CAPPED_OR_SCALED, indirect=True)
def test_body_and_head_alone_would_be_wrong_here(folder: Path) -> None:
    """Else the test above could not fail."""
    model = HfEngine(folder).base
    tokens = torch.arange(5, 15)[None]
    with torch.inference_mode():
        head = model.get_output_embeddings()(model.model(tokens).last_hidden_state)[0]
        own = logits_at(model, tokens, torch.ones_like(tokens), torch.ones_like(tokens).bool())
    assert (head - own).abs().max() > 1


def test_logits_of_qwen2_are_those_of_body_and_head_to_the_bit(engine: HfEngine) -> None:
    """The shipped certificates stand on these very bits."""
    tokens = torch.arange(40, 400).reshape(9, 40)
    mask = torch.ones_like(tokens)
    mask[3, 20:] = 0
    where = torch.zeros_like(mask, dtype=torch.bool)
    where[:, 7] = where[3, 10:19] = True
    with torch.inference_mode():
        hidden = engine.base.model(input_ids=tokens, attention_mask=mask).last_hidden_state
        expected = engine.base.get_output_embeddings()(hidden[where]).float()
        assert torch.equal(logits_at(engine.base, tokens, mask, where), expected)
    assert not engine.base.get_output_embeddings()._forward_pre_hooks, "the hook is gone"
