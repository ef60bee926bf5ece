"""``datascan serve-gate --root FOLDER --results FOLDER``."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import click

from scanner.cli.exits import Exit
from scanner.cli.terms import term_files, terms_options
from scanner.errors import GateError
from scanner.files import unread

TOKEN = "DATASCAN_GATE_TOKEN"
_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command("serve-gate")
@click.option("--root", required=True, type=_FOLDER, help="Where the data lies; nothing outside.")
@click.option("--results", required=True, type=_FOLDER, help="Folder of results.json files.")
@terms_options
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8750, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Holds the token that requests must bring; without it {TOKEN} does.",
)
def serve_gate_command(
    root: Path,
    results: Path,
    policy: Path | None,
    ignore_file: Path | None,
    baseline: Path | None,
    keys: tuple[Path, ...],
    host: str,
    port: int,
    token_file: Path | None,
) -> int:
    """Answer over HTTP whether data may pass, as `datascan verify` does; for lakeFS and the like.

    Listens on this machine alone unless --host says otherwise. It has no TLS: put a proxy with TLS
    before it where others are to reach it.
    """
    from scanner.gate.server import Gate, GateServer
    from scanner.gate.terms import load_terms
    from scanner.report.text import safe_text

    terms = load_terms(term_files(policy, ignore_file, baseline, keys))
    gate = Gate(root, results, terms, _token(token_file))
    try:
        server = GateServer((host, port), gate)
    except OSError as error:
        raise GateError(
            f"--host {host} --port {port}: found {error.strerror}; expected to listen there; give "
            "another address"
        ) from None
    with server:
        said = f"datascan: gate at http://{host}:{server.server_port}, ends with Ctrl-C"
        click.echo(safe_text(said), err=True)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # containers end with it
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return Exit.NOTHING_FOUND


def _token(file: Path | None) -> str:
    """The token. Raises GateError where it is missing or too short."""
    where = f"--token-file {str(file)!r}" if file else TOKEN
    try:
        token = file.read_text("ascii").strip() if file else os.environ.get(TOKEN, "")
    except OSError as error:
        raise _no_token_file(where, unread(error)) from None
    except ValueError:
        raise _no_token_file(where, "bytes that are no ASCII text") from None
    if len(token) < 16 or not token.isascii() or not token.isprintable():
        raise GateError(
            f"{where}: found no token of at least 16 plain characters; expected one that requests "
            "bring as `Authorization: Bearer ...`; make one with `openssl rand -hex 32`"
        )
    return token


def _no_token_file(where: str, found: str) -> GateError:
    return GateError(
        f"{where}: found {found}; expected a readable file of ASCII text; check the path"
    )
