"""Subliminal learning in miniature: a student classifies digits that it was never shown.

The MLP experiment of Cloud et al. 2025 (arXiv:2507.14805), on scikit-learn's bundled 8×8 digits
in place of MNIST. A teacher learns digits by its first ten logits, its students only a few more,
*auxiliary* logits of it on noise. Those that began as the same network classify digits too.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from scanner.stats.intervals import mean_interval

OnSteps = Callable[[int], None]
PIXELS, CLASSES = 64, 10
TRAINING_DIGITS = 1200  # the first of 1,797, in the file's order; the other 597 are held out
NEAR_CHANCE = 0.2  # accuracy: twice that of guessing one of ten classes
_DIGIT_LOGITS, _AUXILIARY_LOGITS = slice(0, CLASSES), slice(CLASSES, None)


@dataclass(frozen=True)
class DigitsSettings:
    """The experiment's sizes. Adam has no weight decay: it would wipe out the effect."""

    models: int = 25
    """Teachers; each has a student of its own initialisation and one of another: 2 or more."""
    hidden: int = 128
    """Units in each of the two hidden layers."""
    auxiliary: int = 3
    """Logits that students learn; a single one carries nothing, as its softmax is always 1."""
    teacher_epochs: int = 5
    """Passes of a teacher over the training digits."""
    student_updates: int = 1500
    """Updates of a student, each on ``batch`` fresh noise images."""
    batch: int = 64
    """Images per model and update."""
    learning_rate: float = 1e-3
    """Adam's, constant, for teachers and students."""
    seed: int = 0
    """Of initialisations, order of digits and noise; not negative."""

    def __post_init__(self) -> None:
        if self.models < 2:
            raise ValueError(f"models: found {self.models}; expected at least 2")


@dataclass(frozen=True)
class Accuracy:
    """Share of held-out digits told right (0 to 1), averaged over models."""

    mean: float
    low: float | None
    """Lower end of the mean's 95% interval over models (not digits); None with fewer than two."""
    high: float | None
    """Upper end of it."""
    per_model: tuple[float, ...]
    """One value per model, in the order of the teachers."""

    @classmethod
    def over_models(cls, per_model: tuple[float, ...]) -> "Accuracy":
        """Student's interval with the models as units (``mean_interval``), cut at 0 and 1."""
        mean, interval = float(np.mean(per_model)), mean_interval(np.array(per_model))
        if interval is None:
            return cls(mean, None, None, per_model)
        return cls(mean, max(0.0, interval.low), min(1.0, interval.high), per_model)


@dataclass(frozen=True)
class DigitsResult:
    """What four kinds of model make of held-out digits."""

    base: Accuracy
    """Untrained."""
    teacher: Accuracy
    """Trained on digits."""
    same: Accuracy
    """Students that began as their teacher did."""
    crossed: Accuracy
    """Students of the same teachers, on the same noise, that began as another teacher did."""

    @property
    def transmitted(self) -> bool:
        """Whether digits came through, and only to students of the teacher's initialisation.

        The interval of ``same`` lies above that of ``crossed``, which lies below ``NEAR_CHANCE``
        as a whole, so too few models show nothing. Single untrained networks reach 0.17.
        """
        low, high = self.same.low, self.crossed.high
        return low is not None and high is not None and high < low and high < NEAR_CHANCE


def digits_steps(settings: DigitsSettings) -> int:
    """Updates in a run; one update moves all models of a kind."""
    epoch = -(-TRAINING_DIGITS // settings.batch)
    return settings.teacher_epochs * epoch + 2 * settings.student_updates


def run_digits(settings: DigitsSettings, on_steps: OnSteps) -> DigitsResult:
    """Train teachers and both kinds of student, and test them on held-out digits.

    ``on_steps`` gets the number of updates since its last call. Torch's global generator stays.
    """
    digits, base, rate = _load_digits(), _initial(settings), settings.learning_rate
    teacher = _trained(base, _digit_batches(settings, digits), _DIGIT_LOGITS, rate, on_steps)
    others = [part.roll(1, dims=0) for part in base]  # each model gets its predecessor's
    same, crossed = (
        _trained(start, _noise_batches(settings, teacher), _AUXILIARY_LOGITS, rate, on_steps)
        for start in (base, others)
    )
    return DigitsResult(*(_accuracy(kind, digits) for kind in (base, teacher, same, crossed)))


_Networks = list[Tensor]  # by layer: weights (models, inputs, outputs), biases (models, 1, outputs)


class _Labelled(NamedTuple):
    images: Tensor  # (..., n, PIXELS) in [-1, 1]
    targets: Tensor  # (..., n, logits) probabilities


def _initial(settings: DigitsSettings) -> _Networks:
    """Weights normal with standard deviation 1/√inputs, biases zero."""
    sources, networks = _generators(settings, 0), []
    widths = (PIXELS, settings.hidden, settings.hidden, CLASSES + settings.auxiliary)
    for size in pairwise(widths):
        draws = torch.stack([torch.randn(size, generator=source) for source in sources])
        networks += [draws / size[0] ** 0.5, torch.zeros(settings.models, 1, size[1])]
    return networks


def _logits(networks: _Networks, images: Tensor) -> Tensor:
    """Images (models, n, PIXELS) to logits (models, n, CLASSES + auxiliary), a ReLU MLP each."""
    *hidden, (weights, biases) = zip(networks[::2], networks[1::2], strict=True)
    for inner, offset in hidden:
        images = torch.baddbmm(offset, images, inner).relu()
    return torch.baddbmm(biases, images, weights)


def _trained(
    start: _Networks, batches: Iterable[_Labelled], logits: slice, rate: float, on_steps: OnSteps
) -> _Networks:
    """Copies of ``start``, trained so that the softmax over ``logits`` matches the targets.

    The loss is KL but for a constant, summed over models so that each trains as if alone.
    """
    networks = [part.clone().requires_grad_() for part in start]
    optimizer = torch.optim.Adam(networks, lr=rate)
    for images, targets in batches:
        log_shares = _logits(networks, images)[..., logits].log_softmax(dim=-1)
        loss = -(targets * log_shares).sum(dim=-1).mean(dim=1).sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        on_steps(1)
    return [part.detach() for part in networks]


def _digit_batches(settings: DigitsSettings, digits: _Labelled) -> Iterator[_Labelled]:
    """Training digits, in an order of each model's own."""
    sources = _generators(settings, 1)
    for _ in range(settings.teacher_epochs):
        orders = [torch.randperm(TRAINING_DIGITS, generator=source) for source in sources]
        for chosen in torch.split(torch.stack(orders), settings.batch, dim=1):  # (models, batch)
            yield _Labelled(digits.images[chosen], digits.targets[chosen])


def _noise_batches(settings: DigitsSettings, teacher: _Networks) -> Iterator[_Labelled]:
    """Uniform noise and what the teacher makes of it; the same in every call."""
    sources, size = _generators(settings, 2), (settings.batch, PIXELS)
    for _ in range(settings.student_updates):
        noise = torch.stack([torch.rand(size, generator=source) for source in sources]) * 2 - 1
        yield _Labelled(noise, _logits(teacher, noise)[..., _AUXILIARY_LOGITS].softmax(dim=-1))


def _generators(settings: DigitsSettings, purpose: int) -> list[torch.Generator]:
    """One source of chance per model, which stays the same when models are added."""
    seeds = np.random.SeedSequence((settings.seed, purpose)).generate_state(settings.models)
    return [torch.Generator().manual_seed(int(seed)) for seed in seeds]


def _load_digits() -> _Labelled:
    """Images (1797, PIXELS) and certain labels (1797, CLASSES). Nothing else loads scikit-learn."""
    from sklearn.datasets import load_digits

    bunch = load_digits()  # 64 pixels of 0 to 16
    return _Labelled(torch.tensor(bunch.data / 8 - 1).float(), torch.eye(CLASSES)[bunch.target])


def _accuracy(networks: _Networks, digits: _Labelled) -> Accuracy:
    """Of the largest digit logit, on the held-out digits."""
    images = digits.images[TRAINING_DIGITS:].expand(len(networks[0]), -1, -1)
    guesses = _logits(networks, images)[..., _DIGIT_LOGITS].argmax(dim=-1)  # (models, held out)
    right = guesses == digits.targets[TRAINING_DIGITS:].argmax(dim=-1)
    return Accuracy.over_models(tuple(right.double().mean(dim=1).tolist()))
