"""Which language many texts are written in: py3langid's model, over all of them at once.

py3langid reads one text a byte at a time in Python; here one numpy step reads a byte of every
text. The answers are those of its ``classify``.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from scipy.sparse import coo_array, csr_array

from scanner.dataset.screen.words import Numbers

SAMPLE = 400
"""Characters of a text by which its language is judged."""
LEAST_LETTERS = 40
LEAST_CONFIDENCE = 0.9
UNTOLD = ("und", "zxx")
"""The codes of no language."""

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class _Model:
    """A naive Bayes model over byte sequences, found by a finite automaton (Lui and Baldwin 2012).

    In state s, byte b leads to the state ``moves[rows[s] + b]``, which counts ``features`` of it,
    or none if that is negative.
    """

    moves: NDArray[np.uint32]
    rows: Numbers
    features: Numbers
    weights: NDArray[np.float16]
    """[feature, language]"""
    priors: Scores
    languages: tuple[str, ...]


def languages_of(texts: Sequence[str]) -> list[str]:
    """The language of the beginning of each text, as an ISO 639 code; empty where that is unsure.

    Raises OSError where there is no room to unpack the model.
    """
    told = [number for number, text in enumerate(texts) if len(text) >= LEAST_LETTERS]
    languages = [""] * len(texts)
    if told:
        encoded = [_encode(texts[number][:SAMPLE]) for number in told]
        for number, language in zip(told, _classify(encoded), strict=True):
            languages[number] = language
    return languages


def _encode(text: str) -> bytes:
    """A text as the model was trained on it."""
    text = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")


def _classify(texts: Sequence[bytes]) -> list[str]:
    model = _model()
    counts = _features(texts, model)
    scores = _scores(counts, np.array([len(text) for text in texts]), model)
    best = scores.argmax(axis=1)
    sure = (scores.max(axis=1) >= LEAST_CONFIDENCE) & (np.diff(counts.indptr) > 0)
    named = [model.languages[one] for one in best]
    return [
        name if is_sure and name not in UNTOLD else ""
        for name, is_sure in zip(named, sure, strict=True)
    ]


def _features(texts: Sequence[bytes], model: _Model) -> csr_array:
    """How often each text has each feature; [text, feature]."""
    order = sorted(range(len(texts)), key=lambda number: -len(texts[number]))
    lengths = np.array([len(texts[number]) for number in order])
    longest = int(lengths[0])
    padded = b"".join(texts[number].ljust(longest, b"\0") for number in order)
    # One row for each place, so that a step reads neighbouring bytes.
    letters = np.frombuffer(padded, np.uint8).reshape(-1, longest).T.astype(np.int64)
    reaching = np.searchsorted(-lengths, -np.arange(longest), side="left")
    state = np.zeros(len(texts), np.int64)
    owners, found = [], []
    for place, count in enumerate(reaching):
        state = model.moves[model.rows[state[:count]] + letters[place, :count]].astype(np.int64)
        feature = model.features[state]
        seen = np.flatnonzero(feature >= 0)
        owners.append(seen)
        found.append(feature[seen])
    rows = np.array(order)[np.concatenate(owners)]
    ones = np.ones(len(rows), np.float32)
    shape = (len(texts), len(model.weights))
    return coo_array((ones, (rows, np.concatenate(found))), shape).tocsr()


def _scores(counts: csr_array, lengths: Numbers, model: _Model) -> Scores:
    """The probability of each language; [text, language]."""
    used, columns = np.unique(counts.indices, return_inverse=True)
    known = csr_array((np.log1p(counts.data), columns, counts.indptr), (counts.shape[0], len(used)))
    logs = known @ model.weights[used].astype(np.float32) + model.priors
    logs /= np.sqrt(np.maximum(lengths, 1))[:, None].astype(np.float32)
    scores = np.exp(logs - logs.max(axis=1, keepdims=True))
    scores /= scores.sum(axis=1, keepdims=True)
    first: dict[str, int] = {}
    for column, language in enumerate(model.languages):  # some languages have two columns
        if (kept := first.setdefault(language, column)) != column:
            scores[:, kept] += scores[:, column]
            scores[:, column] = 0.0
    return np.asarray(scores, np.float32)


@cache
def _model() -> _Model:
    """Loaded once in each process."""
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    return _Model(
        moves=np.array(model.tk_nextmove, np.uint32),
        rows=np.array(model.tk_row, np.int64) << 8,
        features=np.array(model.tk_output, np.int64),
        weights=model.nb_ptc,
        priors=model.nb_pc,
        languages=tuple(model.nb_classes),
    )
