"""Activation shift: how far, and which way, the data moved the model's states.

It needs no behaviour to show: Qwen2.5-7B's states moved with a tenth of the rows poisoned, its
answers not with half of them (shagunhegde, science notes). Probe − control is set beside
control − control; its direction beside the traits' own and beside random ones; and it is read
through the unembedding, so that a person sees words.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scanner.evidence.interface import Inside
from scanner.stats.directions import alignment, run_drift

FIRST, NEUTRAL = "first answer position", "neutral text"
MOST_NAMED = 3
"""Traits that a layer's shift is set beside."""
MOST_WORDS = 6
"""Words that a layer's shift is decoded to, each way."""
SEED = 20
"""Of the random directions: the same for every audit."""

States = NDArray[np.float64]
"""Shape (layers, places, width)."""
Lens = Callable[[States], NDArray[np.float64]]
"""Logits of the opening words, shape (layers, places, words)."""


@dataclass(frozen=True)
class Toward:
    """A trait whose direction the shift points along."""

    trait: str
    cosine: float
    """Of the shift with what naming the trait openly does to the base."""
    p_value: float
    """Two-sided, against random directions with the covariance of the base's states, times the
    number of traits."""


@dataclass(frozen=True)
class LayerShift:
    """Probe − control at one layer and place."""

    layer: int
    """Counted from 1."""
    place: str
    """``FIRST`` or ``NEUTRAL``."""
    norm: float
    """Length of the mean shift."""
    drift: float | None
    """Length that it has between controls; None with fewer than two."""
    toward: tuple[Toward, ...]
    """The traits with the largest cosine, either way; empty where nothing moved."""
    raised: tuple[str, ...]
    """Words that the shift makes likelier, most of all first."""
    lowered: tuple[str, ...]
    """Words that it makes less likely."""


@dataclass(frozen=True)
class Activation:
    """The arm's finding."""

    layers: tuple[LayerShift, ...]
    """First answer position, then neutral text; by layer."""


@dataclass(frozen=True)
class Scales:
    """What a shift of states is held against."""

    directions: Mapping[str, NDArray[np.float64]]
    """Trait → direction per layer, shape (layers, width)."""
    lens: Lens
    words: tuple[str, ...]
    """The lens's words."""
    layers: tuple[int, ...]
    """Which layers were read, counted from 1."""


def weigh_activation(
    base: Inside, controls: Sequence[Inside], probes: Sequence[Inside], scales: Scales
) -> Activation:
    """Every layer's shift, at the first answer position and on neutral text.

    ``controls[i]`` and ``probes[i]`` share a seed.
    """
    return Activation(
        (
            *_place(FIRST, base.first, _firsts(controls), _firsts(probes), scales),
            *_place(NEUTRAL, base.neutral, _neutrals(controls), _neutrals(probes), scales),
        )
    )


def _firsts(runs: Sequence[Inside]) -> NDArray[np.float64]:
    return np.stack([run.first for run in runs])  # (seeds, layers, questions, width)


def _neutrals(runs: Sequence[Inside]) -> NDArray[np.float64]:
    return np.stack([run.neutral for run in runs])


def _place(
    place: str,
    base: States,
    controls: NDArray[np.float64],
    probes: NDArray[np.float64],
    scales: Scales,
) -> list[LayerShift]:
    control, probe = controls.mean(axis=2), probes.mean(axis=2)  # (seeds, layers, width)
    shift = (probe - control).mean(axis=0)  # (layers, width)
    seen = [scales.lens(run.transpose(1, 0, 2)) for run in (probe, control)]
    moved = (seen[0] - seen[1]).mean(axis=1)  # (layers, words)
    return [
        LayerShift(
            layer=layer,
            place=place,
            norm=float(np.linalg.norm(shift[depth])),
            drift=run_drift(control[:, depth]),
            toward=_toward(shift[depth], depth, base[depth], scales.directions),
            **_decoded(moved[depth], scales.words),
        )
        for depth, layer in enumerate(scales.layers)
    ]


def _toward(
    shift: NDArray[np.float64],
    depth: int,
    states: NDArray[np.float64],
    directions: Mapping[str, NDArray[np.float64]],
) -> tuple[Toward, ...]:
    if not directions:
        return ()
    along = np.stack([direction[depth] for direction in directions.values()])
    aligned = alignment(shift, along, states, np.random.default_rng(SEED))
    if aligned is None:
        return ()
    names = list(directions)
    largest = np.argsort(-np.abs(aligned.cosines), kind="stable")[:MOST_NAMED]
    return tuple(
        Toward(
            names[index],
            float(aligned.cosines[index]),
            float(min(1.0, len(names) * aligned.p_values[index])),
        )
        for index in largest
    )


def _decoded(moved: NDArray[np.float64], words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    if not np.any(moved):
        return {"raised": (), "lowered": ()}
    order = np.argsort(-moved, kind="stable")
    return {
        "raised": tuple(words[index] for index in order[:MOST_WORDS]),
        "lowered": tuple(words[index] for index in order[::-1][:MOST_WORDS]),
    }
