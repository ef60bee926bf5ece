"""LLaMA-Factory's ``dataset_info.json``: what it says of a dataset, as reading options."""

from collections.abc import Mapping
from dataclasses import replace

from scanner.config import ReadOptions
from scanner.dataset.formats.values import refuse_value
from scanner.dataset.interface import RowProblem
from scanner.dataset.shown import show_keys

ALPACA_DEFAULTS = {"prompt": "instruction", "query": "input", "response": "output"}
CHAT_DEFAULTS = {"messages": "conversations"}
"""Its name of a column → our name of the field, which is also what the file calls it by default."""
SHARED = {name: name for name in ("history", "system", "tools", "chosen", "rejected", "kto_tag")}
"""Columns that are read only where an entry lists them."""
TURN_KEYS = {"role_tag": "role", "content_tag": "content"}
ROLES = {
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function_call",
    "system_tag": "system",
}
FORMATTINGS = {"alpaca": ALPACA_DEFAULTS, "sharegpt": CHAT_DEFAULTS, "openai": CHAT_DEFAULTS}


def options_of(entry: Mapping[str, object], options: ReadOptions | None = None) -> ReadOptions:
    """How one entry of the file says that its data is read.

    What ``options`` say goes before what the entry says. Raises RowProblem for an entry that
    cannot be followed: a formatting or column that there is not, or images, sound or video.
    """
    options = options or ReadOptions()
    formatting = entry.get("formatting", "alpaca")
    if not isinstance(formatting, str) or formatting not in FORMATTINGS:
        expected = f"one of {', '.join(FORMATTINGS)}"
        refuse_value(formatting, "'formatting'", expected=expected, cure="correct the file")
    own = FORMATTINGS[formatting] | SHARED
    columns = _names(entry, "columns", own) or FORMATTINGS[formatting]
    tags = {} if formatting == "alpaca" else _names(entry, "tags", ROLES | TURN_KEYS)
    name = _format(entry, columns)
    fields = {own[column]: given for column, given in columns.items()}
    if name == "text":
        fields = {"text": columns["prompt"]}
    turn_keys = {TURN_KEYS[tag]: given for tag, given in tags.items() if tag in TURN_KEYS}
    roles = {given: ROLES[tag] for tag, given in tags.items() if tag in ROLES}
    return replace(
        options,
        format=options.format or name,
        fields=fields | turn_keys | _ignored(own, fields) | dict(options.fields),
        role_map=roles | dict(options.role_map),
    )


def _format(entry: Mapping[str, object], columns: Mapping[str, str]) -> str:
    if entry.get("ranking") is True:
        return "preference"
    if "kto_tag" in columns:
        return "unpaired"
    if "prompt" not in columns:
        return "sharegpt"
    # A prompt without a response is what LLaMA-Factory trains on as a document.
    return "alpaca" if "response" in columns else "text"


def _ignored(own: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Fields under our names that the entry does not list: LLaMA-Factory does not read them."""
    unlisted = set(own.values()) - set(fields) - set(fields.values())
    return {"ignored": ",".join(sorted(unlisted))} if unlisted else {}


def _names(entry: Mapping[str, object], key: str, known: Mapping[str, str]) -> dict[str, str]:
    """An object of names → names; null stands for a name that is not set."""
    value = entry.get(key) or {}
    if not isinstance(value, dict):
        refuse_value(value, f"'{key}'", expected="an object of names", cure="correct the file")
    held = {name: column for name, column in value.items() if column is not None}
    if unknown := [name for name in held if name not in known]:
        raise RowProblem(
            found=f"{show_keys(unknown)} in '{key}'",
            expected=f"none but {', '.join(known)}",
            cure="correct the file, or remove the data that is no text",
        )
    for name, column in held.items():
        if not isinstance(column, str) or not column:
            refuse_value(column, f"{key}.{name}", expected="a name", cure="correct the file")
    return held
