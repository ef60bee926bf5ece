"""``--write-clean`` and ``--write-quarantine``: the candidate's records in two files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli.outputs import check_place, unwritable
from scanner.files import write_atomic

if TYPE_CHECKING:
    from scanner.audit import Audit

CLEAN, QUARANTINE = "--write-clean", "--write-quarantine"
Places = Mapping[str, Path]
"""Option to file, for those that were given."""


def places_of(clean: Path | None, quarantine: Path | None) -> Places:
    """The files that are wanted."""
    return {
        option: path
        for option, path in ((CLEAN, clean), (QUARANTINE, quarantine))
        if path is not None
    }


def check_halves(places: Places, sources: Sequence[Path], outputs: Sequence[Path]) -> None:
    """Refuse files that could not be written, before any work is done. Raises ``ReportError``."""
    written = {path.resolve() for path in outputs}
    for option, path in places.items():
        check_place(option, path, sources, written)
        written.add(path.resolve())


def write_halves(finished: "Audit", places: Places) -> list[str]:
    """Write what is wanted, each file whole or not at all; a line on each for the user.

    Where a shift was found, the rows that lead to it are set aside, or those that say it; where
    none was found, none; where there is no verdict, all. Raises ``DatascanError``.
    """
    from scanner.dataset.split import split
    from scanner.types import Status

    if not places:
        return []
    undecided = finished.status is Status.NO_VERDICT
    halves = split(finished.candidate, finished.explanation.suspects, everything=undecided)
    contents = {CLEAN: halves.clean, QUARANTINE: halves.quarantine}
    for option, path in places.items():
        try:
            write_atomic(contents[option], path)
        except OSError as error:
            raise unwritable(path, error, "the rows there") from error
    rest = halves.records - halves.set_aside
    told = {
        CLEAN: f"{rest:,} of {halves.records:,} records, not set aside; nobody has shown that they "
        "are clean: audit them before you train on them",
        QUARANTINE: f"{halves.set_aside:,} of {halves.records:,} records, set aside",
    }
    return [f"{path}: {told[option]}" for option, path in places.items()]
