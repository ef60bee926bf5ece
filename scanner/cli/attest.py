"""``datascan attest RESULTS -o FILE --key KEY``."""

from pathlib import Path

import click

from scanner.cli.exits import Exit
from scanner.errors import GateError

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("attest")
@click.argument("results", type=_FILE)
@click.option("-o", "--output", type=_FILE, help="Where to write it; by default beside RESULTS.")
@click.option("--key", type=_FILE, help="Private key; without one the statement is not signed.")
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
def attest_command(results: Path, output: Path | None, key: Path | None, quiet: bool) -> int:
    """Write an in-toto statement about RESULTS, in a DSSE envelope where a key signs it.

    Whoever has the public key can tell with `datascan verify --require-signature` that nobody has
    changed a number since. An unsigned statement is for another signer, such as sigstore.
    """
    # Here, not above: --help must not wait for them.
    from scanner.cli.outputs import check_outputs, write_outputs
    from scanner.gate.keys import load_private_key
    from scanner.gate.signature import attestation_beside, sign_statement
    from scanner.report.attestation import attestation
    from scanner.report.checking import checked_results
    from scanner.report.file_format import Format
    from scanner.report.strict_json import as_json
    from scanner.report.text import safe_text

    path = output or attestation_beside(results)
    formats = (Format("attestation", (".json",), as_json),)
    check_outputs([path], formats, sources=[one for one in (results, key) if one])
    values = checked_results(results)
    if not values["complete"]:
        raise GateError(
            f"{results}: found an audit that did not finish; expected a finished one; run the same "
            "audit again, it goes on"
        )
    statement = attestation(values)
    signed = sign_statement(statement, load_private_key(key)) if key else statement
    write_outputs(signed, [path], formats)
    if not quiet:
        note = "" if key else ", not signed"
        click.echo(safe_text(f"datascan: wrote {path}{note}"), err=True)
    return Exit.NOTHING_FOUND
