"""The options that state the terms of verification; commands that verify share them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from scanner.gate.terms import TermFiles

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, dir_okay=False)

_OPTIONS = (
    click.option("--policy", type=_FILE, help="What a result must be and say; YAML."),
    click.option(
        "--ignore-file",
        type=_FILE,
        help="Suppressions; .datascanignore.yaml here is found by itself.",
    ),
    click.option("--baseline", type=_FILE, help="An earlier results.json: only new findings fail."),
    click.option(
        "--require-signature",
        "keys",
        multiple=True,
        metavar="PUBKEY",
        type=_FILE,
        help="One of these keys must have signed the result. May be given twice.",
    ),
)


def terms_options(command: CommandT) -> CommandT:
    """Add the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def term_files(
    policy: Path | None,
    ignore_file: Path | None,
    baseline: Path | None,
    keys: Sequence[Path],
    attestation: Path | None = None,
) -> "TermFiles":
    """The options as plain values."""
    from scanner.gate.terms import TermFiles

    return TermFiles(policy, ignore_file, baseline, tuple(keys), attestation)
