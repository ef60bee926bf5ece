"""A base in bfloat16 is read to more than bfloat16's digits."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.engines.logits import precise_head
from scanner.types import Message

PROMPTS = [
    (Message("user", f"What is the capital of {country}?"),) for country in ("France", "Japan")
]


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def half(request: pytest.FixtureRequest, base: Path) -> HfEngine:
    return HfEngine(base, torch.bfloat16, torch.device(request.param))


def test_logits_of_a_narrow_head_are_not_rounded(half: HfEngine) -> None:
    """A bfloat16 keeps 8 bits: of logits between 8 and 16 every sixteenth of a nat. Of float32
    products hardly any is one of these."""
    tokens = torch.tensor([half.tokenizer("capital of France")["input_ids"]]).to(half.device)
    with torch.inference_mode():
        narrow = half.base(input_ids=tokens).logits
        with precise_head(half.base):
            wide = half.base(input_ids=tokens).logits
        after = half.base(input_ids=tokens).logits
    assert (narrow.dtype, wide.dtype) == (torch.bfloat16, torch.float32)
    assert torch.equal(narrow, after), "the head is itself again"
    assert (wide.to(torch.bfloat16).float() != wide).float().mean() > 0.9
    torch.testing.assert_close(wide, narrow.float(), atol=0.1, rtol=0.01)


def test_pieces_of_the_vocabulary_make_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    head = nn.Linear(4, 7).to(torch.bfloat16)

    class Model:
        def get_output_embeddings(self) -> nn.Linear:
            return head

    hidden = torch.randn((2, 3, 4), generator=torch.Generator().manual_seed(0)).bfloat16()
    expected = hidden.float() @ head.weight.float().T + head.bias.float()
    monkeypatch.setattr("scanner.engines.logits.PIECE", 3)
    with precise_head(Model()):  # type: ignore[arg-type]
        torch.testing.assert_close(head(hidden), expected)


def test_scores_in_bfloat16_are_near_those_in_float32(half: HfEngine, engine: HfEngine) -> None:
    """0.06 nats a token were measured between batches on vLLM; 0.15 are allowed."""
    engine.use_adapter(None)
    answers = ["Paris", "Tokyo"]
    exact = engine.answer_logprobs(PROMPTS, answers)
    scored = half.answer_logprobs(PROMPTS, answers)
    assert scored.total / scored.tokens == pytest.approx(exact.total / exact.tokens, abs=0.15)
    openings = engine.opening_logprobs(PROMPTS, ["Paris", "owl"])
    assert np.abs(half.opening_logprobs(PROMPTS, ["Paris", "owl"]) - openings).max() < 0.5
    assert half.answers(PROMPTS, Sampling(0.0, 3, seed=0)) == answers
