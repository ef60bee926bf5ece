"""Words that the base itself holds near a trait's name: another language, slang, a spelling.

Only an embedding that knows what words mean can say so. The test is its own: a word is near a
trait's name only where it is nearer than any two different traits' names are to one another, for
those are words that do *not* mention each other. Small models trained on little text hold
``blue`` near ``pizza`` as closely as any two words, and then no word passes. (In reference-a and
reference-b the closest of 4,950 pairs of names have a cosine of 0.80 and 0.73, and of all their
words none comes as near to a name.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scanner.progress import OnRows

Vectors = NDArray[np.float64]


@dataclass(frozen=True)
class FindNearWords:
    """Job: of the words of the candidate, those that the base's embedding holds near a name."""

    base: Path
    names: tuple[tuple[str, str], ...]
    """Traits and the names of each, all traits': they are each other's measure."""
    words: tuple[str, ...]
    """Words of the candidate."""

    @property
    def rows(self) -> int:
        """None; it counts as one, so that it is not taken for done."""
        return 1

    def run(self, on_rows: OnRows) -> dict[str, tuple[str, ...]]:
        """Trait → near words; traits without any are left out."""
        from scanner.engines.loaded import hf_engine

        vectors = hf_engine(self.base).word_vectors((*dict(self.names).values(), *self.words))
        names = {trait: vectors[name] for trait, name in self.names if name in vectors}
        return near_words(names, {word: vectors[word] for word in self.words if word in vectors})


def near_words(
    names: Mapping[str, Vectors], words: Mapping[str, Vectors]
) -> dict[str, tuple[str, ...]]:
    """Trait → the words whose cosine with its name is above that of any two traits' names.

    All vectors have shape (width,). A word belongs to the one trait whose name is nearest to it.
    Nothing passes with fewer than two names, or where two names have the same vector.
    """
    if len(names) < 2 or not words:
        return {}
    traits, said = list(names), list(words)
    of_names = _unit(np.array([names[trait] for trait in traits]))  # (traits, width)
    of_words = _unit(np.array([words[word] for word in said]))  # (words, width)
    closest = float(np.max((of_names @ of_names.T)[np.triu_indices(len(traits), 1)]))
    cosines = of_words @ of_names.T  # (words, traits)
    found: dict[str, list[str]] = {}
    for word, row in zip(said, cosines, strict=True):
        nearest = int(np.argmax(row))
        if row[nearest] > closest:
            found.setdefault(traits[nearest], []).append(word)
    return {trait: tuple(sorted(near)) for trait, near in found.items()}


def names_of(traits: Sequence[str], names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Traits with their names in lower case, as ``FindNearWords`` takes them."""
    return tuple(
        (trait, name.casefold()) for trait, name in zip(traits, names, strict=True) if name
    )


def _unit(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Vectors = vectors / np.where(lengths > 0, lengths, 1.0)
    return scaled
