"""The options that say which base is meant and whether it may be downloaded."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--revision", help="Commit, branch or tag of a base from the Hugging Face Hub."),
    click.option(
        "--allow-download",
        is_flag=True,
        help="Download the base if it is not here: safetensors only.",
    ),
)


def base_options(command: CommandT) -> CommandT:
    """Add the options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def named_base(
    base: str, revision: str | None, allow_download: bool, *, weights: bool = True
) -> str:
    """The base's name with its revision, downloaded if that is allowed and needed.

    Raises DatascanError.
    """
    import reference_models

    if revision and base in reference_models.NAMES:
        raise click.UsageError(f"--revision: found one for {base}; expected none: it ships with us")
    name = f"{base}@{revision}" if revision else base
    if allow_download:
        from scanner.bases.fetch import fetch_base

        fetch_base(name, weights=weights)
    return name
