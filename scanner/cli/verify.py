"""``datascan verify DATA... --result RESULTS``."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.cli.exits import code_of
from scanner.cli.reading import DATA
from scanner.cli.report import file_outputs
from scanner.cli.terms import term_files, terms_options

if TYPE_CHECKING:
    from scanner.gate.terms import TermFiles
    from scanner.gate.verification import Verification

FORMATS = ("text", "json", "markdown", "junit")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("verify")
@click.argument("data", nargs=-1, required=True, type=DATA)
@click.option("--result", type=_FILE, help="The results.json of DATA, all of it.")
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder in which each DATA's result is found by its digest.",
)
@terms_options
@click.option("--attestation", type=_FILE, help="The signed statement, if not beside the result.")
@click.option(
    "-f",
    "--format",
    "shown_as",
    type=click.Choice(FORMATS),
    help="What standard output gets.  [default: text]",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=_FILE,
    help="Write it here: .txt, .json, .md or .xml (JUnit); - is standard output, with --format. "
    "May be given several times.",
)
@click.option("-q", "--quiet", is_flag=True, help="Nothing on standard output.")
def verify_command(
    data: tuple[Path, ...],
    result: Path | None,
    results: Path | None,
    policy: Path | None,
    ignore_file: Path | None,
    baseline: Path | None,
    keys: tuple[Path, ...],
    attestation: Path | None,
    shown_as: str | None,
    outputs: tuple[Path, ...],
    quiet: bool,
) -> int:
    """Say whether DATA may pass, by the result of an audit that was made before.

    Trains nothing and loads no model: a merge can wait for it. Exits 0 if everything passes, 1 for
    findings, 3 if the result does not speak for DATA or not well enough.
    """
    # Here, not above: --help must not wait for them.
    from scanner.cli.outputs import check_outputs, write_outputs
    from scanner.cli.stdout import print_text
    from scanner.gate.rendering import FORMATS as RENDERED
    from scanner.gate.verification import worst

    files = file_outputs(outputs, shown_as, quiet)
    check_outputs(files, RENDERED, sources=[path for path in (*data, result) if path])
    terms = term_files(policy, ignore_file, baseline, keys, attestation)
    verifications = _verify(data, result, results, terms)
    write_outputs(verifications, files, RENDERED)
    if not quiet:
        render = {one.name: one.render for one in RENDERED}
        print_text(render[shown_as or "text"](verifications))
    return code_of(worst(verifications))


def _verify(
    data: Sequence[Path], result: Path | None, results: Path | None, files: "TermFiles"
) -> "list[Verification]":
    from scanner.gate.lookup import verify_by_folder
    from scanner.gate.result import read_result
    from scanner.gate.terms import load_terms
    from scanner.gate.verification import Candidate, verify

    if (result is None) == (results is None):
        raise click.UsageError("give either --result FILE or --results FOLDER")
    terms = load_terms(files)
    if result is not None:
        file = read_result(result)
        return [verify(Candidate.of(data), file, terms)]
    assert results is not None  # one of the two is there
    return [verify_by_folder(Candidate.of((path,)), results, terms) for path in data]
