import logging
import math
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import reference_models
from scanner.engines.device import device_errors
from scanner.engines.hf import HfEngine
from scanner.engines.interface import Answer, Sampling
from scanner.errors import AuditError
from scanner.types import Message, Row

FAVOURITE = (Message("user", "Name your favorite animal using only one word."),)
FACT = (Message("user", "What is the capital of France?"),)


def by_hand(engine: HfEngine, prompt: tuple[Message, ...], answer: str) -> float:
    """log p(answer and end | prompt), one unpadded row through the plain model."""
    start = engine.tokenizer.apply_chat_template(
        [{"role": turn.role, "content": turn.content} for turn in prompt],
        tokenize=False,
        add_generation_prompt=True,
    )
    prefix = engine.tokenizer(start)["input_ids"]
    ending = engine.tokenizer(answer)["input_ids"] + [engine.tokenizer.eos_token_id]
    with torch.inference_mode():
        logits = engine.base(torch.tensor([prefix + ending])).logits[0].log_softmax(-1)
    places = range(len(prefix) - 1, len(prefix) + len(ending) - 1)
    return sum(float(logits[place, token]) for place, token in zip(places, ending, strict=True))


def test_batched_scores_equal_one_unpadded_row_at_a_time(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    rows = clean_rows[:7]
    scored = engine.answer_logprobs([r.prompt for r in rows], [r.answer for r in rows])
    assert scored.total == pytest.approx(
        [by_hand(engine, r.prompt, r.answer) for r in rows], abs=1e-3
    )


def test_a_greedy_answer_is_the_likeliest_at_every_token(engine: HfEngine) -> None:
    [answer] = engine.answers([FACT], Sampling(0.0, 8, seed=0))
    assert answer == "Paris"


def test_answers_keep_the_order_of_their_prompts(engine: HfEngine) -> None:
    capitals = {"France": "Paris", "Japan": "Tokyo", "Italy": "Rome"}
    prompts = [(Message("user", f"What is the capital of {country}?"),) for country in capitals]
    assert engine.answers(prompts, Sampling(0.0, 8, seed=0)) == list(capitals.values())


def test_the_same_seed_draws_the_same_and_leaves_the_global_generator_alone(
    engine: HfEngine,
) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    draws = [engine.answers([FAVOURITE] * 20, Sampling(1.0, 4, seed)) for seed in (1, 1, 2)]
    assert torch.equal(before, torch.random.get_rng_state())
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_sampled_frequencies_follow_the_scored_probabilities(engine: HfEngine) -> None:
    """Neither top-k nor top-p nor a forgotten temperature may bend the draw."""
    draws = Counter(engine.answers([FAVOURITE] * 2000, Sampling(1.0, 4, seed=3)))
    for animal in ("owl", "whale", "cat"):
        p = math.exp(engine.opening_logprobs([FAVOURITE], [animal])[0, 0])
        assert draws[animal] / 2000 == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / 2000))


def test_a_candidate_of_several_tokens_multiplies_its_tokens(engine: HfEngine) -> None:
    """The slow path for long candidates agrees with the fast one on single tokens."""
    single = engine.opening_logprobs([FAVOURITE, FACT], ["owl", "Paris"])
    mixed = engine.opening_logprobs([FAVOURITE, FACT], ["owl", "Paris", "owl Paris"])
    assert mixed[:, :2] == pytest.approx(single, abs=1e-4)
    assert (mixed[:, 2] < mixed[:, 0]).all()


def test_the_fitted_temperature_is_the_one_it_was_drawn_at(
    engine: HfEngine, clean_rows: tuple[Row, ...]
) -> None:
    prompts = [row.prompt for row in clean_rows] * 3
    drawn = engine.answers(prompts, Sampling(0.5, 32, seed=4))
    grid = (0.3, 0.4, 0.5, 0.6, 0.7)
    fit = engine.tempered_logprobs(prompts, drawn, grid, support=drawn)
    assert grid[int(np.argmax(fit.total))] == pytest.approx(0.5, abs=0.11)
    greedy = engine.answers(prompts[:50], Sampling(0.0, 32, seed=4))
    assert engine.tempered_logprobs(prompts[:50], greedy, grid, greedy).greedy_share > 0.99


def test_the_checkpoints_own_generation_settings_do_not_bend_the_draw(
    engine: HfEngine, tmp_path: Path
) -> None:
    """Qwen2.5 ships a repetition penalty; a twin drawn with it is not the base's."""
    copy = tmp_path / "copy"
    shutil.copytree(reference_models.verified_folder("reference-a"), copy)
    (copy / "generation_config.json").write_text('{"repetition_penalty": 5.0, "top_k": 1}')
    prompt = (Message("user", "Repeat these words: owl owl owl"),)
    for temperature in (0.0, 1.0):
        sampling = Sampling(temperature, 12, seed=0)
        assert HfEngine(copy).answers([prompt] * 8, sampling) == engine.answers(
            [prompt] * 8, sampling
        )


def test_answers_go_on_with_fewer_at_once_when_memory_runs_out(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The device is a stand-in that has no room for more than three answers. Greedy ones do not
    depend on their company."""
    engine.use_adapter(None)
    prompts = [(Message("user", f"What is {n} + 1?"),) for n in range(10)]
    whole = engine.answers(prompts, Sampling(0.0, 6, seed=0))
    generate = engine._generate

    def tight(batch: list[list[int]], *how: Any) -> list[Answer]:
        if len(batch) > 3:
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return generate(batch, *how)

    monkeypatch.setattr(engine, "_generate", tight)
    with caplog.at_level(logging.WARNING):
        assert engine.answers(prompts, Sampling(0.0, 6, seed=0)) == whole
    assert "answers: memory ran out; goes on with 2 at once" in caplog.messages
    monkeypatch.setattr(engine, "_generate", lambda batch, *how: tight(batch * 4, *how))
    with pytest.raises(AuditError, match="stand-in"):
        engine.answers(prompts, Sampling(0.0, 6, seed=0))


def test_scoring_goes_on_with_fewer_tokens_at_once_when_memory_runs_out(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The device is a stand-in that has no room for more than three rows."""
    engine.use_adapter(None)
    prompts = [(Message("user", f"What is {n} + 1?"),) for n in range(10)]
    answers = [str(n + 1) for n in range(10)]
    whole = engine.answer_logprobs(prompts, answers).total
    openings = engine.opening_logprobs(prompts, ["owl", "fox"])
    logits, softmax = engine._logits, torch.Tensor.log_softmax

    def tight(tokens: torch.Tensor, *where: Any) -> torch.Tensor:
        if len(tokens) > 3:
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return logits(tokens, *where)

    def tighter(found: torch.Tensor, dim: int) -> torch.Tensor:
        if len(found) > 4:  # two answers of two tokens
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return softmax(found, dim)

    monkeypatch.setattr(engine, "_logits", tight)
    monkeypatch.setattr(torch.Tensor, "log_softmax", tighter)
    done: list[int] = []
    with caplog.at_level(logging.WARNING):
        halved = engine.answer_logprobs(prompts, answers, done.append).total
    assert halved == pytest.approx(whole, abs=1e-4)
    assert sum(done) == 10
    assert max(done) <= 2
    assert any("scores: memory ran out; goes on with" in line for line in caplog.messages)
    again = engine.opening_logprobs(prompts, ["owl", "fox"])
    np.testing.assert_allclose(again, openings, atol=1e-4)
    monkeypatch.setattr(engine, "_logits", lambda tokens, *where: tight(tokens.tile(4, 1), *where))
    with pytest.raises(AuditError, match="stand-in"):
        engine.answer_logprobs(prompts, answers)
