"""Where the results and the report are written."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from scanner.errors import AuditError
from scanner.report.html import write_calibration_page, write_html
from scanner.report.results import write_results
from scanner.run import REPORT, RESULTS


@dataclass(frozen=True)
class WrittenPaths:
    """The files of a finished audit."""

    json: Path
    html: Path


Writer = Callable[[dict[str, Any], Path], None]
WRITERS: dict[str, Writer] = {".json": write_results, ".html": write_html}
"""File ending → what writes an audit's results."""
CALIBRATION_WRITERS: dict[str, Writer] = {".json": write_results, ".html": write_calibration_page}
"""The same for a certificate."""


def check_outputs(outputs: Sequence[Path], data: Sequence[Path] = ()) -> None:
    """Refuse outputs that could not be written, or would replace data, before any work is done.

    Raises ``AuditError``.
    """
    for path in outputs:
        if path.suffix not in WRITERS:
            raise AuditError(
                f"--output {str(path)!r}: found the ending {path.suffix!r}; expected one of "
                f"{', '.join(WRITERS)}; rename it"
            )
        if not path.absolute().parent.is_dir():
            raise AuditError(
                f"--output {str(path)!r}: found no folder {str(path.parent)!r}; expected one that "
                "exists; make it first"
            )
        _check_place(path)
        if any(_is_same_file(path, one) for one in data):
            raise AuditError(
                f"--output {str(path)!r}: found the audited data; expected another file; give "
                "another name"
            )


def _check_place(path: Path) -> None:
    try:
        path.exists()  # raises where the name is too long
        with TemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        raise AuditError(
            f"--output {str(path)!r}: found {error.strerror}; expected a place that can be "
            "written; give another one"
        ) from error


def _is_same_file(one: Path, other: Path) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def write_outputs(results: dict[str, Any], run: Path, outputs: Sequence[Path]) -> WrittenPaths:
    """Write results.json, then everything that is rendered from it.

    Raises ``AuditError`` if a file cannot be written.
    """
    own = WrittenPaths(run / RESULTS, run / REPORT)
    for path in (own.json, own.html, *outputs):
        _write(WRITERS[path.suffix], results, path)
    return own


def write_calibration(
    certificate: dict[str, Any], folder: Path, outputs: Sequence[Path]
) -> WrittenPaths:
    """Write the certificate's page beside it, and both to wherever else they are wanted.

    Raises ``AuditError`` if a file cannot be written.
    """
    own = WrittenPaths(folder / "certificate.json", folder / "calibration.html")
    for path in (own.html, *outputs):  # the certificate itself is on disk already
        _write(CALIBRATION_WRITERS[path.suffix], certificate, path)
    return own


def _write(writer: Writer, values: dict[str, Any], path: Path) -> None:
    try:
        writer(values, path)
    except OSError as error:
        raise AuditError(
            f"{path}: found {error.strerror}; expected to write the report there; make room or "
            "give another place, then repeat the command: finished stages are kept"
        ) from error
