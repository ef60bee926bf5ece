"""What a rule is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from scanner.dataset.screen.chunks import Chunk, ChunkText, ScreenedRow
from scanner.dataset.screen.findings import ScreenFinding, Unscreened

SeenT = TypeVar("SeenT")


@dataclass(frozen=True)
class Corpus:
    """All that was screened, for rules that must go back to a row."""

    chunks: tuple[Chunk, ...]

    @property
    def total(self) -> int:
        """Rows of the file."""
        return sum(len(chunk.rows) for chunk in self.chunks if not chunk.masked)

    @property
    def total_masked(self) -> int:
        """Texts without loss."""
        return sum(len(chunk.rows) for chunk in self.chunks if chunk.masked)

    def row(self, number: int) -> ScreenedRow:
        """A row by its number among all rows."""
        for chunk in self.chunks:
            if not chunk.masked and number < chunk.first + len(chunk.rows):
                return chunk.rows[number - chunk.first]
        raise IndexError(f"row {number}: found {self.total} rows")


class Rule(Protocol[SeenT]):
    """One thing to look for. A rule pickles, and so does what it has seen."""

    @property
    def id(self) -> str:
        """That of its file in ``rules/``."""

    def scan(self, text: ChunkText) -> SeenT:
        """Look at one chunk, in any process."""

    def weigh(self, seen: Sequence[SeenT], corpus: Corpus) -> ScreenFinding | Unscreened | None:
        """Put together what was seen, in the order of the chunks; None where it is nothing."""
