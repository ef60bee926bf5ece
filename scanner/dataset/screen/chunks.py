"""Rows as the rules see them, cut into pieces that any process can work on.

The unit is the row of the file: where a conversation has several answers that are trained on, its
rows share their earlier turns, and each turn is looked at once.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, chain, groupby
from typing import NamedTuple

import numpy as np

from scanner.dataset.screen.findings import Place
from scanner.dataset.screen.words import Hashes, Words, hash_words, take
from scanner.types import Masked, Row

CHUNK_ROWS = 10_000
CHUNK_CHARACTERS = 4_000_000
"""A chunk is closed at either; so memory grows neither with many rows nor with long ones."""


class ScreenedRow(NamedTuple):
    """One row of the file, or one text without loss."""

    place: Place
    prompt: str
    """Every turn that is not trained on, a line break between two of them."""
    answer: str
    """Everything that is trained on; for a text without loss, that text."""

    @property
    def text(self) -> str:
        """All of it."""
        return f"{self.prompt}\n{self.answer}" if self.prompt else self.answer


@dataclass(frozen=True)
class Chunk:
    """Rows that follow one another."""

    first: int
    """Number of its first row among all rows, or of its first text among those without loss."""
    rows: tuple[ScreenedRow, ...]
    masked: bool = False
    """Whether these are texts without loss."""


class ChunkText:
    """A chunk while the rules read it; what several of them need is made once."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.rows = chunk.rows

    @cached_property
    def texts(self) -> list[str]:
        """The whole text of each row."""
        return [row.text for row in self.rows]

    @cached_property
    def outside_ascii(self) -> list[int]:
        """Which rows hold characters outside ASCII."""
        return [row for row, text in enumerate(self.texts) if not text.isascii()]

    @cached_property
    def keys(self) -> Hashes:
        """64 bits for each row, equal where prompt and answer are equal."""
        return np.array([_key(row) for row in self.rows], np.uint64)

    @cached_property
    def words(self) -> Words:
        """The words of each row's whole text."""
        return Words(self._parts.hashes, self._parts.starts[::2])

    @cached_property
    def prompt_words(self) -> Words:
        """The words of each row's prompt."""
        return take(self._parts, np.arange(0, self._parts.texts, 2))

    @cached_property
    def answer_words(self) -> Words:
        """The words of each row's answer."""
        return take(self._parts, np.arange(1, self._parts.texts, 2))

    @cached_property
    def _parts(self) -> Words:
        """The words of each row's prompt, then of its answer."""
        return hash_words(chain.from_iterable((row.prompt, row.answer) for row in self.rows))

    @cached_property
    def _lowered(self) -> tuple[str, list[int]]:
        """All texts in lower case as one, and where each begins in it."""
        lowered = [text.lower() for text in self.texts]
        starts = accumulate((len(text) + 1 for text in lowered[:-1]), initial=0)
        return "\n".join(lowered), list(starts)

    def rows_holding(self, needles: Iterable[str]) -> list[int]:
        """Which rows hold one of these texts, which are in lower case and on one line.

        One search through all rows at once is far faster than one in each of them.
        """
        joined, starts = self._lowered
        found = set()
        for needle in needles:
            at = joined.find(needle)
            while at >= 0:
                row = bisect_right(starts, at) - 1
                found.add(row)
                at = joined.find(needle, starts[row + 1]) if row + 1 < len(starts) else -1
        return sorted(found)


def cut(rows: Iterable[Row], masked: Iterable[Masked]) -> list[Chunk]:
    """Chunks of all rows, then chunks of all texts without loss, in order.

    Where they are cut depends on the rows alone, so findings do not depend on who does the work.
    """
    without_loss = (
        ScreenedRow(Place(text.file, text.line), prompt="", answer=text.text) for text in masked
    )
    return [*_chunks(_by_place(rows), masked=False), *_chunks(without_loss, masked=True)]


def _by_place(rows: Iterable[Row]) -> Iterator[ScreenedRow]:
    for (file, line), same in groupby(rows, key=lambda row: (row.file, row.line)):
        yield _one_row(Place(file, line), list(same))


def _one_row(place: Place, rows: list[Row]) -> ScreenedRow:
    """The rows made of one row of the file, each of their texts once."""
    answers = dict.fromkeys(row.answer for row in rows)
    rest: dict[str, None] = {}
    for row in rows:
        for turn in row.prompt:
            if turn.role != "assistant" or turn.content not in answers:
                rest[turn.content] = None
        if row.prefix:
            rest[row.prefix] = None
    return ScreenedRow(place, "\n".join(rest), "\n".join(answers))


def _key(row: ScreenedRow) -> int:
    # The length tells where the answer begins: ("ab", "c") is another row than ("a", "bc").
    content = f"{len(row.prompt)} {row.prompt}{row.answer}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "little")


def _chunks(rows: Iterable[ScreenedRow], masked: bool) -> Iterator[Chunk]:
    first, held, size = 0, [], 0
    for row in rows:
        held.append(row)
        size += len(row.prompt) + len(row.answer)
        if len(held) == CHUNK_ROWS or size >= CHUNK_CHARACTERS:
            yield Chunk(first, tuple(held), masked)
            first, held, size = first + len(held), [], 0
    if held:
        yield Chunk(first, tuple(held), masked)
