"""``datascan compare A B``."""

from pathlib import Path

import click

from scanner.cli.exits import gate
from scanner.cli.report import file_outputs
from scanner.types import Severity

FORMATS = ("text", "markdown", "csv")


@click.command("compare")
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the comparison here: .md, or .csv with all traits; - is standard output, with "
    "--format. May be given several times.",
)
@click.option(
    "-f",
    "--format",
    "shown_as",
    type=click.Choice(FORMATS),
    help="What standard output gets.  [default: text]",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.LOW.value,
    show_default=True,
    help="Mildest finding of B that exits 1; none never does.",
)
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard output.")
def compare_command(
    first: Path,
    second: Path,
    outputs: tuple[Path, ...],
    shown_as: str | None,
    fail_on: str,
    quiet: bool,
) -> int:
    """Put two finished audits side by side: two deliveries of one dataset, or two bases.

    A and B are their results.json. The exit code is that of B, the one to decide about.
    """
    # Here, not above: they load jinja2 and more, and --help must not wait for it.
    from scanner.cli.console import Terminal
    from scanner.cli.outputs import check_outputs, write_outputs
    from scanner.cli.stdout import print_text
    from scanner.report.checking import checked_results
    from scanner.report.compare import compare
    from scanner.report.compare_formats import comparison_formats
    from scanner.report.compare_terminal import print_comparison

    formats = comparison_formats()
    files = file_outputs(outputs, shown_as, quiet)
    check_outputs(files, formats, sources=[first, second])
    values = checked_results(second)
    comparison = compare(checked_results(first), values, (str(first), str(second)))
    write_outputs(comparison, files, formats)
    named = {one.name: one for one in formats}
    if shown_as in named and not quiet:
        print_text(named[shown_as].render(comparison))
    elif not quiet:
        print_comparison(comparison, Terminal())
    return gate(values, Severity(fail_on)).code
