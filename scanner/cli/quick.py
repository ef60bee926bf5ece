"""``datascan audit --quick``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli.exits import Exit
from scanner.cli.outputs import check_place
from scanner.errors import ReportError
from scanner.types import Severity

if TYPE_CHECKING:
    from scanner.config import AuditSettings


def refuse_beside(option: str, others: Mapping[str, object], why: str) -> None:
    """Refuse what does not go with an option, before any work. Raises ``ReportError``.

    ``others``: those options, with their values.
    """
    if given := [other for other, value in others.items() if value]:
        raise ReportError(
            f"{option}: found {' and '.join(sorted(given))} beside it; expected neither, for "
            f"{why}; leave one of the two out"
        )


def refuse_unfit(
    whole: Mapping[str, object], outputs: Sequence[Path], data: Sequence[Path]
) -> None:
    """Refuse what needs a whole audit, before any work is done. Raises ``ReportError``.

    ``whole``: the options that do, with their values.
    """
    refuse_beside("--quick", whole, "they need a whole audit")
    written: set[Path] = set()
    for path in outputs:
        if path.suffix != ".json":
            raise ReportError(
                f"--output {str(path)!r}: found another ending than .json beside --quick; expected "
                ".json, the only format of a quick look; leave --quick out for a report"
            )
        check_place("--output", path, data, written)
        written.add(path.resolve())


def quick_audit(
    settings: "AuditSettings", outputs: Sequence[Path], fail_on: Severity, quiet: bool
) -> int:
    """Look, say what was seen, and write it; the exit code."""
    # Here, not above: they load torch, and --help must not wait for it.
    from scanner.cli.console import Terminal
    from scanner.cli.progress import progress_for
    from scanner.quick import quick_look
    from scanner.report.quick import quick_lines
    from scanner.report.results import write_results
    from scanner.report.terminal import print_lines

    with progress_for(Terminal(stderr=True), quiet) as progress:
        look = quick_look(settings, progress)
    for path in outputs:
        write_results(look.results, path)
    if not quiet:
        print_lines([*quick_lines(look.results), f"results: {look.path}"], Terminal())
    return quick_exit(look.verdict.status, look.verdict.severity, fail_on)


def quick_exit(status: str, severity: Severity, fail_on: Severity) -> Exit:
    """The code, as of an audit's verdict."""
    if status == "no_verdict":
        return Exit.NO_VERDICT
    fails = severity is not Severity.NONE and fail_on is not Severity.NONE
    return Exit.FOUND if fails and severity.rank >= fail_on.rank else Exit.NOTHING_FOUND
