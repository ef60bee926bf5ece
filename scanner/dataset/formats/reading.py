"""How records are read: what the user said, in the form in which the formats use it."""

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.config import Preference, ReadOptions
from scanner.errors import DatasetError

ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "chatgpt": "assistant",
    "bing": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "function": "tool",
    "ipython": "tool",
    "observation": "tool",
    "function_response": "tool",
    "function_call": "function_call",
}
"""Every role that trainers know, and what it is. The last two kinds are written as text of a user
turn (``tool``) and of an assistant turn (``function_call``): see ``tools.py``."""

PLAIN_KINDS = ("system", "user", "assistant")
"""The kinds whose turns are taken as they are."""

SHAREGPT_KEYS = ("from", "value")
TURN_KEYS = (("role", "content"), SHAREGPT_KEYS, ("role", "value"))
"""What the role and the text of a turn are called."""

OPTION_FIELDS = ("role", "content", "ignored")
"""What ``--field`` may name beside the fields of a format: the two keys of a turn, and the fields
that the user's trainer does not read, with commas between them."""


@dataclass(frozen=True)
class Reading:
    """One way of reading, the same for all records of a dataset."""

    roles: Mapping[str, str]
    """The file's roles → a value of ``ROLES``."""
    plain_roles: Mapping[str, str]
    """Those of them whose kind is in ``PLAIN_KINDS``."""
    turn_keys: tuple[tuple[str, str], ...]
    """Names of a turn's role and text, tried in this order."""
    columns: Mapping[str, str]
    """Fields of the formats → what the file calls them; fields under their own names are absent."""
    ignored: frozenset[str]
    """Fields of the file that the user's trainer does not read."""
    beside: frozenset[str]
    """Fields that may stand beside a format's own: the ignored, and the one that names groups."""
    preference: Preference

    def column(self, field: str) -> str | None:
        """What the file calls a field; None where the user gave its name to another field."""
        if field in self.columns:
            return self.columns[field]
        return None if field in self.columns.values() else field


def reading_of(options: ReadOptions) -> Reading:
    """What the user's options come to. Raises DatasetError for a role that there is not."""
    kinds = sorted(set(ROLES.values()))
    for kind in options.role_map.values():
        if kind not in kinds:
            raise DatasetError(
                "--role-map",
                None,
                found=ascii(kind),
                expected=f"one of {', '.join(kinds)}",
                cure="map the role to one of them",
            )
    roles = ROLES | dict(options.role_map)
    role, content = (options.fields.get(key, key) for key in TURN_KEYS[0])
    named = (role, content) != TURN_KEYS[0]
    ignored = frozenset(options.fields.get("ignored", "").split(",")) - {""}
    return Reading(
        roles=roles,
        plain_roles={name: kind for name, kind in roles.items() if kind in PLAIN_KINDS},
        turn_keys=((role, content),) if named else TURN_KEYS,
        columns={
            field: column
            for field, column in options.fields.items()
            if field not in OPTION_FIELDS and field != column
        },
        ignored=ignored,
        beside=ignored | ({options.group_by} if options.group_by else frozenset()),
        preference=options.preference,
    )


AS_DETECTED = reading_of(ReadOptions())
"""How records are read where the user says nothing."""
