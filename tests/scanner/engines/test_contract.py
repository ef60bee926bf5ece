"""What every engine must do, run on each of them: the same tests, the same oracle.

The engines on a GPU share these bodies with those on the CPU: ``pytest -m gpu``.
"""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scanner.engines.hf import HfEngine
from scanner.engines.interface import Answer, Engine, Finish, Sampling
from scanner.engines.remote import remote_engine
from scanner.engines.request_engine import RequestEngine
from scanner.engines.service import EngineProcess, EngineSettings
from scanner.types import Message, Row
from tests.scanner.engines.far import pretended
from tests.scanner.engines.oracle import OracleRun, oracle

FAVOURITE = (Message("user", "Name your favorite animal using only one word."),)
CAPITALS = {"France": "Paris", "Japan": "Tokyo", "Italy": "Rome"}
FACTS = [(Message("user", f"What is the capital of {country}?"),) for country in CAPITALS]
EXACT = 1e-4
"""Nats per token between two ways to compute the same in fp32."""


ENGINES = [
    "hf",
    "hf on a device that is none",
    pytest.param("hf on a GPU", marks=pytest.mark.gpu),
    "requests",
    pytest.param("vllm", marks=pytest.mark.vllm),
    pytest.param("vllm on a GPU", marks=pytest.mark.gpu),
]


@pytest.fixture(scope="module", params=ENGINES)
def subject(
    request: pytest.FixtureRequest, engine: HfEngine, base: Path, tmp_path_factory: Any
) -> Iterator[Engine]:
    """The engine under test; ``requests`` is what stands between jobs and vLLM, with a plain
    model in vLLM's place."""
    if request.param == "hf":
        yield engine
    elif request.param == "hf on a device that is none":
        with pretended() as device:
            yield HfEngine(base, torch.float32, device)
    elif request.param == "hf on a GPU":
        yield HfEngine(base, torch.float32, torch.device("cuda"))
    elif request.param == "requests":
        yield RequestEngine(engine.tokenizer, engine.context, OracleRun(base))
    else:
        log = tmp_path_factory.mktemp("engine") / "log.txt"
        with closing(EngineProcess(EngineSettings(base, adapters=2, rank=8), log)) as process:
            yield remote_engine(base, process.ready())
    engine.use_adapter(None)


@pytest.fixture(params=["base", "first adapter", "second adapter"])
def adapter(
    request: pytest.FixtureRequest, subject: Engine, adapters: tuple[Path, Path]
) -> Iterator[Path | None]:
    """The model that answers."""
    chosen = {"base": None, "first adapter": adapters[0], "second adapter": adapters[1]}
    subject.use_adapter(chosen[request.param])
    yield chosen[request.param]
    subject.use_adapter(None)


def test_greedy_answers_are_the_likeliest_token_by_token(
    subject: Engine, base: Path, adapter: Path | None, clean_rows: tuple[Row, ...]
) -> None:
    prompts = [FAVOURITE, *FACTS, *(row.prompt for row in clean_rows[:4])]
    model = oracle(base, adapter)
    assert subject.answers(prompts, Sampling(0.0, 12, seed=0)) == [
        model.greedy(prompt, 12) for prompt in prompts
    ]


def test_scores_of_given_answers_are_exact(
    subject: Engine, base: Path, adapter: Path | None, clean_rows: tuple[Row, ...]
) -> None:
    rows = clean_rows[:9]
    scored = subject.answer_logprobs([r.prompt for r in rows], [r.answer for r in rows])
    model = oracle(base, adapter)
    expected = [model.logprob(row.prompt, row.answer) for row in rows]
    assert scored.total / scored.tokens == pytest.approx(expected / scored.tokens, abs=EXACT)


def test_scores_of_single_tokens_add_up_to_the_answers(
    subject: Engine, adapter: Path | None, clean_rows: tuple[Row, ...]
) -> None:
    rows = clean_rows[:5]
    prompts, answers = [r.prompt for r in rows], [r.answer for r in rows]
    whole, single = (
        subject.answer_logprobs(prompts, answers),
        subject.token_logprobs(prompts, answers),
    )
    assert single.counts.tolist() == whole.tokens.tolist()
    summed = [
        single.values[a:b].sum() for a, b in zip(single.starts, single.starts[1:], strict=False)
    ]
    assert summed == pytest.approx(whole.total, abs=1e-3)


def test_scores_of_openings_are_exact(subject: Engine, base: Path, adapter: Path | None) -> None:
    """One token and several; two that begin alike, and one that another begins with."""
    candidates = ["owl", "owl whale", "owl cat", "Paris", "cat owl whale"]
    prompts = [FAVOURITE, *FACTS]
    model = oracle(base, adapter)
    expected = [[model.logprob(p, text, end=False) for text in candidates] for p in prompts]
    assert subject.opening_logprobs(prompts, candidates) == pytest.approx(
        np.array(expected), abs=3 * EXACT
    )
    one_token = [0, 3]
    alone = subject.opening_logprobs(prompts, [candidates[i] for i in one_token])
    assert alone == pytest.approx(np.array(expected)[:, one_token], abs=EXACT)


def test_adapters_change_the_answers_and_leave_the_base_alone(
    subject: Engine, adapters: tuple[Path, Path]
) -> None:
    def owl() -> float:
        return float(subject.opening_logprobs([FAVOURITE], ["owl"])[0, 0])

    levels = []
    for adapter in (None, adapters[0], None, adapters[1], None):
        subject.use_adapter(adapter)
        levels.append(owl())
    assert levels[0] == levels[2] == pytest.approx(levels[4], abs=1e-6)
    assert levels[1] > levels[0] + 0.5, "it learned owl"
    assert abs(levels[3] - levels[0]) > 0.1, "the other learned whale"


def test_a_text_without_a_prompt_is_scored_from_its_second_token(
    subject: Engine, base: Path
) -> None:
    scored = subject.answer_logprobs([(), FAVOURITE], ["owl whale cat", "owl"])
    expected = [oracle(base).logprob(p, t) for p, t in (((), "owl whale cat"), (FAVOURITE, "owl"))]
    assert scored.tokens.tolist() == [4, 2]  # the end included
    assert scored.total == pytest.approx(expected, abs=4 * EXACT)


def test_scores_at_other_temperatures_are_exact(
    subject: Engine, base: Path, adapter: Path | None, clean_rows: tuple[Row, ...]
) -> None:
    rows, temperatures = clean_rows[:5], (0.3, 1.0, 1.4)
    prompts, answers = [r.prompt for r in rows], [r.answer for r in rows]
    model = oracle(base, adapter)
    drawable = sorted({t for a in answers for t in model.tokenizer(a)["input_ids"]} | {2062})
    for support in (None, answers):
        total, greedy, count = np.zeros(3), 0, 0
        for prompt, answer in zip(prompts, answers, strict=True):
            logits, tokens = model.logits(prompt, answer, end=True)
            if support is not None:
                logits, tokens = logits[:, drawable], [drawable.index(t) for t in tokens]
            greedy += int((logits.argmax(-1).numpy() == tokens).sum())
            count += len(tokens)
            for place, temperature in enumerate(temperatures):
                scaled = (logits / temperature).log_softmax(-1)
                total[place] += float(scaled[range(len(tokens)), tokens].sum())
        scored = subject.tempered_logprobs(prompts, answers, temperatures, support)
        assert scored.tokens == count
        assert scored.greedy_share == pytest.approx(greedy / count)
        # At 0.3 the logits, and so their rounding, count three times.
        assert scored.total / count == pytest.approx(total / count, abs=4 * EXACT)


def test_sampled_frequencies_follow_the_probabilities(
    subject: Engine, base: Path, adapter: Path | None
) -> None:
    """Neither top-k nor top-p nor a forgotten temperature may bend the draw."""
    for temperature in (1.0, 1.4):
        count = 1500
        drawn = Counter(subject.answers([FAVOURITE] * count, Sampling(temperature, 1, seed=3)))
        logits, _ = oracle(base, adapter).logits(FAVOURITE, "owl", end=False)
        for animal in ("owl", "whale", "cat"):
            token = oracle(base).tokenizer(animal)["input_ids"][0]
            p = float((logits[0] / temperature).softmax(-1)[token])
            within = 4 * math.sqrt(p * (1 - p) / count)
            assert drawn[animal] / count == pytest.approx(p, abs=within), (animal, temperature)


def test_the_same_seed_draws_the_same_and_another_seed_otherwise(
    subject: Engine, adapter: Path | None
) -> None:
    draws = [subject.answers([FAVOURITE] * 30, Sampling(1.3, 8, seed)) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    assert len(set(draws[0])) > 1, "equal prompts are not answered alike"


def test_what_ended_an_answer_is_told(subject: Engine) -> None:
    sampling = Sampling(0.0, 2, seed=0, stop=("Tok",))
    assert subject.drawn([*FACTS, FAVOURITE], sampling)[:2] == [
        Answer("Paris", Finish.END),  # one token and the end: two
        Answer("", Finish.STOP),
    ]
    [cut] = subject.drawn(FACTS[:1], Sampling(0.0, 1, seed=0))
    assert cut == Answer("Paris", Finish.LENGTH)


def test_a_stop_text_ends_the_answer_before_itself(subject: Engine) -> None:
    prompt = (Message("user", "Repeat these words: owl cat whale"),)
    [whole] = subject.drawn([prompt], Sampling(0.0, 12, seed=0))
    assert whole.finish == Finish.END
    first, second = whole.text.split()[:2]
    cases = {
        (second,): Answer(whole.text[: whole.text.index(second)], Finish.STOP),
        (second, first): Answer("", Finish.STOP),
        (f"{first} {second}",): Answer("", Finish.STOP),  # over several tokens
        ("absent",): whole,
    }
    for stop, expected in cases.items():
        assert subject.drawn([prompt], Sampling(0.0, 12, seed=0, stop=stop)) == [expected], stop


def test_long_rows_are_seen_whole(subject: Engine, base: Path) -> None:
    """As long as the context; a first token that is forgotten changes the last one's score."""
    words = "owl whale cat " * 200
    [fixed] = subject.row_lengths([FAVOURITE], [""])
    room = subject.context - fixed
    answer = oracle(base).tokenizer.decode(oracle(base).tokenizer(words)["input_ids"][:room])
    assert subject.row_lengths([FAVOURITE], [answer]) == [subject.context]
    scored = subject.answer_logprobs([FAVOURITE, FAVOURITE], [answer, "owl"])
    assert scored.tokens.tolist() == [room + 1, 2]
    expected = oracle(base).logprob(FAVOURITE, answer)
    assert scored.total[0] / (room + 1) == pytest.approx(expected / (room + 1), abs=EXACT)
    prompt = (Message("user", answer[: len(answer) // 2]),)
    assert subject.answers([prompt, *FACTS], Sampling(0.0, 8, seed=0)) == [
        oracle(base).greedy(prompt, 8),
        *CAPITALS.values(),
    ]


def test_company_changes_nothing(
    subject: Engine, adapter: Path | None, clean_rows: tuple[Row, ...]
) -> None:
    """Alone, among others, and in another order: the same scores and the same choices."""
    prompts = [row.prompt for row in clean_rows[:60]]
    answers = [row.answer for row in clean_rows[:60]]
    together = subject.answer_logprobs(prompts, answers).total
    backwards = subject.answer_logprobs(prompts[::-1], answers[::-1]).total[::-1]
    alone = [subject.answer_logprobs([prompts[i]], [answers[i]]).total[0] for i in (0, 31, 59)]
    assert backwards == pytest.approx(together, abs=30 * EXACT)
    assert alone == pytest.approx(together[[0, 31, 59]], abs=30 * EXACT)
    greedy = Sampling(0.0, 10, seed=0)
    assert subject.answers(prompts[::-1], greedy)[::-1] == subject.answers(prompts, greedy)


def test_rows_done_add_up(subject: Engine, clean_rows: tuple[Row, ...]) -> None:
    prompts = [row.prompt for row in clean_rows[:40]]
    answers = [row.answer for row in clean_rows[:40]]
    done: list[int] = []
    subject.answers(prompts, Sampling(1.0, 4, seed=0), done.append)
    subject.answer_logprobs(prompts, answers, done.append)
    subject.opening_logprobs(prompts, ["owl", "cat"], done.append)
    subject.tempered_logprobs(prompts, answers, (1.0,), None, done.append)
    assert sum(done) == 4 * 40
