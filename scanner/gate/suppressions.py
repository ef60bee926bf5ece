"""Suppressions: findings that somebody has looked at and answers for, for a while.

A suppressed finding does not fail, but stays visible wherever findings are shown.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from scanner.errors import GateError
from scanner.gate.patterns import matches_any
from scanner.gate.result import SCREEN
from scanner.gate.yaml_file import Closed, load_yaml
from scanner.report.text import safe_text

FILE = Path(".datascanignore.yaml")
"""Looked for in the current folder where no other is named."""
Text = Annotated[str, Field(min_length=1)]


class Suppression(Closed):
    """One finding that is known and accepted."""

    id: Text
    """The finding's: a trait such as ``preference.animal.owl``, or ``screen.`` and a rule."""
    paths: tuple[Text, ...] = ("*",)
    """Files that it holds for, seen from this file's folder; ``*`` is any text, slashes too."""
    expires: date
    """Last day on which it counts, as 2026-12-31; after it the finding fails again."""
    statement: Text
    """Why it is accepted, and who says so."""


class SuppressionFile(Closed):
    """Findings that somebody has looked at and answers for."""

    version: Literal[1]
    """Of this file format."""
    suppressions: tuple[Suppression, ...]
    """One or more for a finding; the one that lasts longest counts."""


@dataclass(frozen=True)
class Suppressions:
    """The suppressions of one file."""

    path: Path
    """The file, for messages and as the place that ``paths`` are seen from."""
    entries: tuple[Suppression, ...]

    def of(self, finding: str, data: Sequence[Path]) -> Suppression | None:
        """The suppression of a finding in all of a dataset's files that lasts longest, even if it
        has expired."""
        places = [_seen_from(self.path.parent, path) for path in data]
        fitting = [
            one
            for one in self.entries
            if one.id == finding and all(matches_any(place, one.paths) for place in places)
        ]
        return max(fitting, key=lambda one: one.expires, default=None)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise GateError if an entry's id is no finding that there could be.

        A misspelt id would suppress nothing, or the wrong thing once a trait has that name. The
        rules of the text screen cannot be told from a result in which they found nothing.
        """
        for one in self.entries:
            if one.id not in known and not one.id.startswith(SCREEN):
                raise GateError(
                    f"{self.path}: found the unknown id {safe_text(one.id)!r}; expected a trait "
                    "that audits ask about; correct or remove the entry"
                )


NONE = Suppressions(FILE, ())


def load_suppressions(path: Path) -> Suppressions:
    """The suppressions in a YAML file. Raises GateError."""
    return Suppressions(path, load_yaml(path, SuppressionFile).suppressions)


def find_suppressions(named: Path | None) -> Suppressions:
    """Those of the named file, or of ``.datascanignore.yaml`` here if there is one."""
    if named is None and not FILE.exists():
        return NONE
    return load_suppressions(named or FILE)


def _seen_from(folder: Path, data: Path) -> str:
    """The path of the data as the file's author would write it."""
    absolute, root = (Path(os.path.abspath(path)) for path in (data, folder))
    inside = absolute.is_relative_to(root)
    return (absolute.relative_to(root) if inside else absolute).as_posix()
