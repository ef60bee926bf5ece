"""``datascan report RESULTS``."""

from pathlib import Path

import click

from scanner.cli.exits import gate
from scanner.cli.terms import excuse_options, excuses
from scanner.errors import ReportError
from scanner.report.row_text import Evidence
from scanner.types import Severity

STDOUT = Path("-")
FORMATS = ("text", "json", "html", "sarif", "junit", "markdown", "attestation", "csv")


@click.command("report")
@click.argument("results", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report here: .json, .html, .sarif, .xml (JUnit), .md, .csv or .intoto.json; "
    "- is standard output, with --format. May be given several times.",
)
@click.option(
    "-f",
    "--format",
    "shown_as",
    type=click.Choice(FORMATS),
    help="What standard output gets.  [default: text]",
)
@click.option(
    "--evidence",
    type=click.Choice([level.value for level in Evidence]),
    default=Evidence.REDACTED.value,
    show_default=True,
    help="How much text of rows it may show; SARIF never shows any.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.LOW.value,
    show_default=True,
    help="Mildest finding that exits 1; none never does.",
)
@excuse_options
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard output.")
def report_command(
    results: Path,
    outputs: tuple[Path, ...],
    shown_as: str | None,
    evidence: str,
    fail_on: str,
    ignore_file: Path | None,
    baseline: Path | None,
    quiet: bool,
) -> int:
    """Make the report of a finished audit again, from its results.json alone.

    The exit code is the audit's, whatever is written or shown. What is excused is judged anew.
    """
    # Here, not above: they load jinja2 and more, and --help must not wait for it.
    from scanner.cli.console import Terminal
    from scanner.cli.outputs import check_outputs, write_outputs
    from scanner.cli.stdout import print_text
    from scanner.gate.findings import with_excused
    from scanner.report.checking import checked_results
    from scanner.report.formats import audit_formats
    from scanner.report.terminal import print_summary

    formats = audit_formats(Evidence(evidence))
    files = file_outputs(outputs, shown_as, quiet)
    check_outputs(files, formats, sources=[results])
    values = checked_results(results)
    gated = gate(values, Severity(fail_on), excuses(ignore_file, baseline))
    values = with_excused(values, gated.findings)
    write_outputs(values, files, formats)
    named = {one.name: one for one in formats}
    if shown_as in named and not quiet:
        print_text(named[shown_as].render(values))
    elif not quiet:
        print_summary(values, Terminal(), results_path=results)
    return gated.code


def file_outputs(outputs: tuple[Path, ...], shown_as: str | None, quiet: bool) -> list[Path]:
    """Those that are files. Raises ``ReportError`` for ``-`` where nothing says what it gets."""
    if STDOUT in outputs and (shown_as is None or quiet):
        found = "--quiet" if quiet else "no --format"
        raise ReportError(
            f"--output -: found {found}; expected --format, which says what standard output gets; "
            "name a format or leave the - out"
        )
    return [path for path in outputs if path != STDOUT]
