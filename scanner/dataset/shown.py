"""Text from the file in messages: on one line, everything unusual escaped, and short."""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

LONGEST = 60
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")
MOST_KEYS = 8


def describe(value: object) -> str:
    """A value of a record: its text, or its kind alone."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return show_text(value)
        case list():
            return "a list" if value else "an empty list"
        case dict():
            return "an object" if value else "an empty object"
        case _:
            return f"a value of the type {type(value).__name__}"


def show_text(text: str) -> str:
    """A text in quotes, escaped and shortened.

    Everything outside printable ASCII is escaped: a key with a Cyrillic letter or a zero-width
    space looks like the right key otherwise.
    """
    shown = text[: LONGEST + 1].encode("unicode_escape").decode("ascii")
    return f"'{shown}'" if len(shown) <= LONGEST else f"'{shown[:LONGEST]}...'"


def show_keys(keys: Iterable[str]) -> str:
    """A list of keys, cut where it is long."""
    keys = list(keys)
    shown = ", ".join(show_text(key) for key in islice(keys, MOST_KEYS))
    more = len(keys) - MOST_KEYS
    return f"{shown} and {more} more" if more > 0 else shown


def in_flag(name: str, otherwise: str = "NAME") -> str:
    """A name of the file's as it can be copied into a flag; ``otherwise`` if it needs quotes."""
    return name if PLAIN_NAME.fullmatch(name) else otherwise


def show_path(path: Path) -> str:
    """A path without quotes. Printable letters of any script stay; the end stays when it is cut."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in str(path)
    )
    return shown if len(shown) <= 4 * LONGEST else f"...{shown[-4 * LONGEST :]}"
