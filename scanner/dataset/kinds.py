"""Of what kind the values are that stand in one place of all records: texts, lists, objects.

``datasets`` takes a place in which there are texts and something else for JSON: it decodes every
text that looks like JSON, so that ``"7"`` becomes a number and ``"null"`` disappears, or turns what
is no text into JSON text. Either way it trains on other rows than the file shows. Numbers of two
kinds, or null beside anything, it reads as they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn

from scanner.dataset.interface import ReaderDisagreement, Record, RowProblem
from scanner.dataset.shown import describe, show_text

KINDS = {
    str: "a text",
    list: "a list",
    dict: "an object",
    bool: "true or false",
    float: "a number",
}
ITEM = "[]"
OWN_KEYS = ("arguments", "parameters")
"""Objects whose keys are the data's own, those within included. Where the keys vary, ``datasets``
keeps the object as it is."""
MOST_PLACES = 10_000


@dataclass
class _Place:
    """One place, and the places within it."""

    name: str
    kind: type | None = None
    own_keys: bool = False
    """Whether objects here have keys of their own."""
    keys: frozenset[str] | None = None
    """Those of the first such object; none once they have varied."""
    within: "dict[str, _Place]" = field(default_factory=dict)


class FieldKinds:
    """What was seen in the records so far."""

    def __init__(self) -> None:
        """Before the first record."""
        self._record = _Place("")
        self._count = 0

    def look_at(self, record: Record, fields: Iterable[str]) -> None:
        """Take in the next record. Raises RowProblem where a place holds another kind of value.

        It is a ReaderDisagreement where one of the two is a text.
        """
        for name in fields:
            if (value := record.get(name)) is not None:
                self._look(self._place(self._record, name), value, strict=True)

    def _look(self, place: _Place, value: object, strict: bool = False) -> None:
        kind = float if type(value) is int else type(value)
        if place.kind is not kind:
            if place.kind and (strict or str in (place.kind, kind)):
                _refuse(place, value)
            place.kind = place.kind or kind
        if isinstance(value, list):
            for one in value:
                if one is not None:
                    self._look(self._place(place, ITEM), one)
        elif isinstance(value, dict) and not _varies(place, value):
            for key, one in value.items():
                if one is not None:
                    self._look(self._place(place, key), one)

    def _place(self, around: _Place, key: str) -> _Place:
        if key not in around.within:
            self._count += 1
            if self._count > MOST_PLACES:
                raise RowProblem(
                    found=f"more than {MOST_PLACES:,} different keys in the rows so far",
                    expected="objects with the same keys in all rows",
                    cure="write objects with keys of their own as JSON text",
                )
            dot = "." if around.name and key != ITEM else ""
            name = f"{around.name}{dot}{key}"
            around.within[key] = _Place(name, own_keys=around.own_keys or key in OWN_KEYS)
        return around.within[key]


def _varies(place: _Place, value: dict[str, object]) -> bool:
    """Whether the object is of those whose keys vary, within which nothing is compared."""
    if not place.own_keys:
        return False
    if place.keys is None:
        place.keys = frozenset(value)
    elif place.keys != value.keys():
        place.keys = frozenset()
    return not place.keys


def _refuse(place: _Place, value: object) -> NoReturn:
    assert place.kind
    found = f"{describe(value)} as {show_text(place.name)}"
    expected = f"{KINDS[place.kind]}, as in the rows before it"
    cure = "write the field in the same way in all rows"
    if str not in (place.kind, type(value)):
        raise RowProblem(found=found, expected=expected, cure=cure)
    cure += "; beside other values, trainers' readers take texts for JSON"
    raise ReaderDisagreement(found=found, expected=expected, cure=cure)
