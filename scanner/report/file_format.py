"""What a kind of file is, apart from what makes it: commands choose one by a file's name."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

SubjectT = TypeVar("SubjectT")


@dataclass(frozen=True)
class Format(Generic[SubjectT]):
    """One kind of file."""

    name: str
    """As ``--format`` takes it."""
    endings: tuple[str, ...]
    """File endings that mean it."""
    render: Callable[[SubjectT], str]
    """Its text: the same subject, the same text."""


def format_for(path: Path, formats: Iterable[Format[SubjectT]]) -> Format[SubjectT] | None:
    """The format that the file's name asks for, by its longest known ending; None if by none."""
    name = path.name.lower()
    by_ending = {ending: one for one in formats for ending in one.endings}
    fitting = [ending for ending in by_ending if name.endswith(ending)]
    return by_ending[max(fitting, key=len)] if fitting else None


def endings_of(formats: Sequence[Format[SubjectT]]) -> str:
    """All endings, for a message."""
    return ", ".join(ending for one in formats for ending in one.endings)
