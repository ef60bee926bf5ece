import numpy as np
import pytest
import torch
from scipy import stats

from scanner.engines.drawing import DrawToken

UNASKED = torch.zeros((1, 1), dtype=torch.long)


def drawn(logits: list[float], temperature: float, times: int, seed: int = 0) -> np.ndarray:
    """How often each token came, of so many draws in one batch."""
    draw = DrawToken(temperature, torch.Generator().manual_seed(seed))
    scores = draw(UNASKED, torch.tensor([logits]).repeat(times, 1))
    assert (scores.isfinite().sum(dim=1) == 1).all()  # one token a row, for argmax to take
    return np.bincount(scores.argmax(dim=1).numpy(), minlength=len(logits))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5])
def test_tokens_come_as_often_as_the_tempered_softmax_says(temperature: float) -> None:
    logits = [0.0, 1.0, 2.0, -1.0]
    expected = np.exp(np.array(logits) / temperature)
    expected *= 20_000 / expected.sum()
    counts = drawn(logits, temperature, 20_000)
    assert stats.chisquare(counts, expected).pvalue > 0.001


def test_what_cannot_be_said_is_never_drawn() -> None:
    """At the ends and in the middle of the vocabulary: a number at the edge of an interval must not
    fall into an empty one beside it."""
    nothing = -torch.inf
    counts = drawn([nothing, 0.0, nothing, 0.0, nothing], 1.0, 5_000)
    assert counts[[0, 2, 4]].tolist() == [0, 0, 0]
    assert drawn([nothing, nothing, 3.0], 1.0, 50).tolist() == [0, 0, 50]


def test_the_seed_decides() -> None:
    logits = np.linspace(-2, 2, 50).tolist()
    first, again, other = (drawn(logits, 1.0, 200, seed).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other
