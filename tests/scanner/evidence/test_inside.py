"""What is read inside a model does not hang on the device that it lies on."""

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from scanner.engines.device import device_errors
from scanner.engines.hf import HfEngine
from scanner.errors import AuditError
from scanner.evidence import inside
from scanner.evidence.inside import (
    logit_lens,
    opening_words,
    read_first_states,
    read_inside,
    unembedding,
)
from scanner.types import Message
from tests.scanner.engines.far import pretended

PROMPTS = [
    (Message("user", "Name your favorite animal using only one word."),),
    (Message("user", "What is the capital of France?"),),
]
NEUTRAL = ["The capital of Japan is Tokyo.", "One day"]


@pytest.fixture(params=["none", pytest.param("cuda", marks=pytest.mark.gpu)])
def there(request: pytest.FixtureRequest, engine: HfEngine) -> Iterator[HfEngine]:
    base = Path(engine.base.config._name_or_path)
    if request.param == "cuda":
        yield HfEngine(base, torch.float32, torch.device("cuda"))
        return
    with pretended() as far:
        yield HfEngine(base, torch.float32, far)


def seen(engine: HfEngine) -> list[NDArray[np.float64]]:
    engine.use_adapter(None)
    vocabulary = opening_words(engine, PROMPTS)
    shown: Any = read_inside(engine, PROMPTS, NEUTRAL, vocabulary)
    tokens = vocabulary.tokens[:50]
    lens = logit_lens(engine, shown.first, tokens)
    return [shown.openings, shown.first, shown.neutral, lens, unembedding(engine, tokens)]


def test_another_device_shows_the_same(engine: HfEngine, there: HfEngine) -> None:
    for here, far in zip(seen(engine), seen(there), strict=True):
        assert far == pytest.approx(here, abs=1e-4)


def test_it_goes_on_with_fewer_texts_at_once_when_memory_runs_out(
    engine: HfEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The device is a stand-in that has no room for more than three texts of one length."""
    engine.use_adapter(None)
    prompts = [(Message("user", f"What is {n} + 1?"),) for n in range(10)]
    whole, read = read_first_states(engine, prompts), inside._seen

    def tight(engine: HfEngine, texts: Sequence[Any]) -> tuple[torch.Tensor, torch.Tensor]:
        if len(texts) > 3:
            with device_errors():
                raise torch.OutOfMemoryError("stand-in")
        return read(engine, texts)

    monkeypatch.setattr(inside, "_seen", tight)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_allclose(read_first_states(engine, prompts), whole, atol=1e-5)
    assert "look inside: memory ran out; goes on with 2 at once" in caplog.messages
    monkeypatch.setattr(inside, "_seen", lambda engine, texts: tight(engine, [*texts] * 4))
    with pytest.raises(AuditError, match="stand-in"):
        read_first_states(engine, prompts)


def test_words_lie_where_they_lay(engine: HfEngine, there: HfEngine) -> None:
    here, far = engine.word_vectors(["owl", "cat"]), there.word_vectors(["owl", "cat"])
    assert far.keys() == here.keys() == {"owl", "cat"}
    for word, vector in here.items():
        assert far[word] == pytest.approx(vector, abs=1e-6)
