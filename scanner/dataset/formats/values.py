"""The values of fields, checked; every error says the field and what it holds."""

from typing import NoReturn

from scanner.dataset.interface import Record, RowProblem
from scanner.dataset.shown import describe


def text_of(record: Record, field: str) -> str:
    """A field that must hold a text. Raises RowProblem."""
    value = record.get(field)
    if not isinstance(value, str):
        refuse_value(value, f"'{field}'", expected="a text", cure="write one string")
    return value


def optional_text_of(record: Record, field: str) -> str:
    """A field that may be absent or null, which comes to an empty text. Raises RowProblem."""
    return text_of(record, field) if record.get(field) is not None else ""


def flag_of(record: Record, field: str) -> bool:
    """A field that must hold true or false, and neither a text nor a number. Raises RowProblem."""
    value = record.get(field)
    if not isinstance(value, bool):
        refuse_value(value, f"'{field}'", expected="true or false", cure="write a JSON boolean")
    return value


def list_of(record: Record, field: str, kind: type, kinds: str) -> list[object]:
    """A field that must hold a list of values of one kind, not empty. Raises RowProblem."""
    value = record.get(field)
    if not isinstance(value, list) or not value:
        refuse_value(value, f"'{field}'", expected=f"a list of {kinds}", cure="write a JSON list")
    for index, item in enumerate(value):
        if not isinstance(item, kind):
            refuse_value(
                item,
                f"{field}[{index}]",
                expected=f"only {kinds}",
                cure="correct or remove the row",
            )
    return value


def refuse_value(value: object, place: str, *, expected: str, cure: str) -> NoReturn:
    """Say what a place holds instead of what it must hold."""
    raise RowProblem(found=f"{describe(value)} as {place}", expected=expected, cure=cure)
