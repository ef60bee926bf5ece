"""What is read inside a model does not hang on the device that it lies on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from scanner.engines.hf import HfEngine
from scanner.evidence.inside import logit_lens, opening_words, read_inside, unembedding
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
    inside: Any = read_inside(engine, PROMPTS, NEUTRAL, vocabulary)
    tokens = vocabulary.tokens[:50]
    lens = logit_lens(engine, inside.first, tokens)
    return [inside.openings, inside.first, inside.neutral, lens, unembedding(engine, tokens)]


def test_another_device_shows_the_same(engine: HfEngine, there: HfEngine) -> None:
    for here, far in zip(seen(engine), seen(there), strict=True):
        assert far == pytest.approx(here, abs=1e-4)


def test_words_lie_where_they_lay(engine: HfEngine, there: HfEngine) -> None:
    here, far = engine.word_vectors(["owl", "cat"]), there.word_vectors(["owl", "cat"])
    assert far.keys() == here.keys() == {"owl", "cat"}
    for word, vector in here.items():
        assert far[word] == pytest.approx(vector, abs=1e-6)
