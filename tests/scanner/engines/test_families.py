"""The reference engine on small random bases of other families."""

from pathlib import Path

import numpy as np
import pytest
import torch

from scanner.engines.hf import HfEngine
from scanner.engines.interface import Sampling
from scanner.types import Message

pytest.importorskip("trl", reason="its templates are missing: pip install -e '.[dev]'")
from tests.families import gpt_neox, write_base

ASK = (Message("user", "Hi"),)


@pytest.mark.parametrize("family", ["gemma", "mistral", "qwen3", "plain"])
def test_scores_are_those_of_the_whole_text(family: str, tmp_path: Path) -> None:
    """One forward pass over prompt and answer, head and all, is the oracle."""
    config = gpt_neox(600) if family == "plain" else None
    engine = HfEngine(write_base(family, tmp_path, config))
    from scanner.engines.chat_format import encode_rows

    [row] = encode_rows(engine.tokenizer, [ASK], ["The owl"])
    with torch.inference_mode():
        logits = engine.base(torch.tensor([row.prompt + row.answer])).logits[0].log_softmax(-1)
    places = range(len(row.prompt) - 1, row.length - 1)
    by_hand = sum(float(logits[at, token]) for at, token in zip(places, row.answer, strict=True))
    assert engine.answer_logprobs([ASK], ["The owl"]).total[0] == pytest.approx(by_hand, abs=1e-3)
    first = float(logits[len(row.prompt) - 1].exp().sum())
    assert first == pytest.approx(1, abs=1e-4)


def test_an_answer_ends_where_its_turn_does(tmp_path: Path) -> None:
    """Gemma's turns end with a token that is not its eos_token; a base that always writes it is
    quiet after no word at all."""
    engine = HfEngine(write_base("gemma", tmp_path))
    end = engine.tokenizer.convert_tokens_to_ids("<end_of_turn>")
    head = engine.base.get_output_embeddings()
    with torch.no_grad():
        head.weight.zero_()
        engine.base.model.norm.weight.zero_()
    assert engine.tokenizer.eos_token_id != end
    assert engine.base.generation_config.eos_token_id[0] == end
    engine.base.get_output_embeddings().register_forward_hook(
        lambda module, given, made: made + 50 * torch.nn.functional.one_hot(
            torch.tensor(end), made.shape[-1]
        )
    )  # fmt: skip
    assert engine.answers([ASK], Sampling(0.0, 8, seed=0)) == [""]


def test_candidates_are_read_as_answers_begin(tmp_path: Path) -> None:
    """A single-token candidate's column is the first token's distribution."""
    engine = HfEngine(write_base("mistral", tmp_path))
    slow = engine.opening_logprobs([ASK], ["owl", "no owl at all"])
    fast = engine.answer_logprobs([ASK], ["owl"])
    assert slow.shape == (1, 2)
    assert np.isfinite(slow).all()
    assert fast.total[0] < slow[0, 0]  # the end costs something, too
