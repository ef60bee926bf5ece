"""``datascan keygen PATH``."""

from pathlib import Path

import click

from scanner.cli.exits import Exit


@click.command("keygen")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-q", "--quiet", is_flag=True, help="Do not say what was written.")
def keygen_command(path: Path, quiet: bool) -> int:
    """Make an Ed25519 key pair: PATH signs, PATH.pub checks.

    The private key is locked with the environment variable DATASCAN_KEY_PASSWORD, if that is set.
    """
    from scanner.gate.keys import write_new_keys
    from scanner.report.text import safe_text

    public = path.with_name(f"{path.name}.pub")
    key = write_new_keys(path, public)
    if not quiet:
        said = f"datascan: wrote {path} (keep it secret) and {public}, key {key.id}"
        click.echo(safe_text(said), err=True)
    return Exit.NOTHING_FOUND
