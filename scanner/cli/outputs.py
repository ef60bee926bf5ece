"""Where results and reports are written."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from scanner.errors import ReportError
from scanner.files import write_atomic
from scanner.report.file_format import Format, SubjectT, endings_of, format_for
from scanner.report.results import write_results
from scanner.report.row_text import Evidence


@dataclass(frozen=True)
class WrittenPaths:
    """The files of a finished audit."""

    json: Path
    html: Path


def check_outputs(
    outputs: Sequence[Path], formats: Sequence[Format[SubjectT]], sources: Sequence[Path] = ()
) -> None:
    """Refuse outputs that could not be written, before any work is done.

    Raises ``ReportError``. ``sources`` are read and must not be written over.
    """
    written: set[Path] = set()
    for path in outputs:
        _check_ending(path, formats)
        check_place("--output", path, sources, written)
        written.add(path.resolve())


def check_place(
    option: str, path: Path, sources: Sequence[Path], written: Collection[Path]
) -> None:
    """Refuse a place that cannot be written, that is read, or that is ``written`` (resolved) to
    already. Raises ``ReportError``, which names the option that the place was given with."""
    if not path.absolute().parent.is_dir():
        folder = f"no folder {str(path.parent)!r}"
        raise _refusal(path, folder, "one that exists", "make it", option)
    try:
        path.exists()  # raises where the name is too long
        with TemporaryFile(dir=path.absolute().parent):
            pass
    except OSError as error:
        found, expected = str(error.strerror), "a place that can be written"
        raise _refusal(path, found, expected, "give another one", option) from error
    if any(_is_same_file(path, source) for source in sources):
        raise _refusal(path, "the file that is read", "another one", "give another name", option)
    if path.resolve() in written:
        twice, once = "the same file twice", "each file once"
        raise _refusal(path, twice, once, "drop one of the two", option)


def write_outputs(
    subject: SubjectT, outputs: Sequence[Path], formats: Sequence[Format[SubjectT]]
) -> None:
    """Write ``subject`` to every output, each whole or not at all.

    One that cannot be written keeps no other from being written; after that it raises
    ``ReportError``.
    """
    failures = [
        (path, error)
        for path in outputs
        if (error := _failure(subject, path, _check_ending(path, formats)))
    ]
    if failures:
        path, error = failures[0]
        more = f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
        raise unwritable(path, error, f"the report there{more}") from error


def write_audit(
    results: dict[str, Any],
    run: Path,
    outputs: Sequence[Path],
    evidence: Evidence = Evidence.REDACTED,
) -> WrittenPaths:
    """Write results.json, whole; then everything that is rendered from it.

    Raises ``ReportError`` if a file cannot be written.
    """
    # Here, not above: the gate waits for nothing that it does not need, such as jinja2.
    from scanner.report.formats import audit_formats
    from scanner.run import REPORT, RESULTS

    own = WrittenPaths(run / RESULTS, run / REPORT)
    try:
        write_results(results, own.json)
    except OSError as error:
        raise unwritable(own.json, error, "the results there") from error
    write_outputs(results, (own.html, *outputs), audit_formats(evidence))
    return own


def write_calibration(
    certificate: dict[str, Any], folder: Path, outputs: Sequence[Path]
) -> WrittenPaths:
    """Write the certificate's page beside it, and both to wherever else they are wanted.

    Raises ``ReportError`` if a file cannot be written.
    """
    from scanner.report.formats import calibration_formats

    own = WrittenPaths(folder / "certificate.json", folder / "calibration.html")
    # The certificate itself is on disk already.
    write_outputs(certificate, (own.html, *outputs), calibration_formats())
    return own


def _check_ending(path: Path, formats: Sequence[Format[SubjectT]]) -> Format[SubjectT]:
    wanted = format_for(path, formats)
    if wanted is None:
        found = f"the ending {path.suffix!r}"
        raise _refusal(path, found, f"one of {endings_of(formats)}", "rename it")
    return wanted


def _is_same_file(one: Path, other: Path) -> bool:
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def _failure(subject: SubjectT, path: Path, wanted: Format[SubjectT]) -> OSError | None:
    text = wanted.render(subject)
    try:
        write_atomic(text, path)
    except OSError as error:
        return error
    return None


def _refusal(
    path: Path, found: str, expected: str, cure: str, option: str = "--output"
) -> ReportError:
    return ReportError(f"{option} {str(path)!r}: found {found}; expected {expected}; {cure}")


def unwritable(path: Path, error: OSError, what: str) -> ReportError:
    """The error that a disk made of a file, as the user is told."""
    return ReportError(
        f"{path}: found {error.strerror}; expected to write {what}; make room or give another "
        "place, then repeat the command: finished stages are kept"
    )
