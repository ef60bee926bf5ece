"""The options that state on what terms data passes; commands that decide share them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from scanner.gate.findings import Excuses
    from scanner.gate.terms import TermFiles

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, dir_okay=False)

_EXCUSES = (
    click.option(
        "--ignore-file",
        type=_FILE,
        help="Suppressions; .datascanignore.yaml here is found by itself.",
    ),
    click.option("--baseline", type=_FILE, help="An earlier results.json: only new findings fail."),
)
_TERMS = (
    click.option("--policy", type=_FILE, help="What a result must be and say; YAML."),
    *_EXCUSES,
    click.option(
        "--require-signature",
        "keys",
        multiple=True,
        metavar="PUBKEY",
        type=_FILE,
        help="One of these keys must have signed the result. May be given twice.",
    ),
)


def excuse_options(command: CommandT) -> CommandT:
    """Add the options that name findings which need not fail."""
    return _with(_EXCUSES, command)


def terms_options(command: CommandT) -> CommandT:
    """Add all of the options."""
    return _with(_TERMS, command)


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


def excuses(ignore_file: Path | None, baseline: Path | None) -> "Excuses":
    """What the files excuse. Raises DatascanError."""
    from scanner.gate.terms import load_excuses

    return load_excuses(ignore_file, baseline)


def _with(options: Sequence[Callable[[CommandT], CommandT]], command: CommandT) -> CommandT:
    for option in reversed(options):
        command = option(command)
    return command
