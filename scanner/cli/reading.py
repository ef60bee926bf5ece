"""The options that say how DATA is read; commands that read a dataset share them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from scanner.config import ReadOptions

CommandT = TypeVar("CommandT", bound=Callable[..., Any])
PREFERENCES = ("chosen", "rejected", "both")
BAD_ROWS = ("stop", "report")


class _Data(click.Path):
    """A path. An empty one, as an unset variable leaves it, would be the current folder."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("found an empty path; expected a file or a folder", param, ctx)
        return super().convert(value, param, ctx)


DATA = _Data(path_type=Path)
"""What the user names to be read."""
_OPTIONS = (
    click.argument("data", nargs=-1, required=True, type=DATA),
    click.option("--format", "row_format", help="The rows' format, where detection is in doubt."),
    click.option(
        "--role-map",
        "roles",
        multiple=True,
        metavar="ROLE=ROLE",
        help="A role of the file and what it is: system, user, assistant or tool.",
    ),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="A format's field and what the file calls it, as in messages=dialogue.",
    ),
    click.option(
        "--preference",
        type=click.Choice(PREFERENCES),
        default="chosen",
        show_default=True,
        help="Which answers of preference data are trained on.",
    ),
    click.option(
        "--on-bad-row",
        type=click.Choice(BAD_ROWS),
        default="stop",
        show_default=True,
        help="What a row that cannot be read does: stop, or be reported and left out.",
    ),
    click.option(
        "--group-by",
        metavar="FIELD",
        help="A field that says where a row is from: its groups are looked at one by one, too. "
        "Without it, each of several files is a group.",
    ),
)


def reading_options(command: CommandT) -> CommandT:
    """Add DATA and the options that say how it is read."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_options(
    row_format: str | None,
    roles: Sequence[str],
    fields: Sequence[str],
    preference: str,
    on_bad_row: str,
    group_by: str | None = None,
) -> "ReadOptions":
    """The options as plain values. Raises ``click.UsageError`` for a pair without ``=``."""
    from scanner.config import Preference, ReadOptions

    return ReadOptions(
        format=row_format,
        role_map=_pairs("--role-map", roles),
        fields=_pairs("--field", fields),
        preference=Preference(preference),
        report_bad_rows=on_bad_row == "report",
        group_by=group_by,
    )


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise click.UsageError(f"{option}: found {text!r}; expected two names with = between")
        if name in pairs:
            raise click.UsageError(f"{option}: found {name!r} twice; expected it once")
        pairs[name] = value
    return pairs
