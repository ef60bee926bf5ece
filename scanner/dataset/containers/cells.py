"""What a column of CSV cells means to a trainer.

CSV has no types. ``datasets`` reads it with pandas, 10,000 rows at a time: a cell that is empty or
says ``NA``, ``None`` or the like is missing, and a column of nothing but numbers, or of nothing
but true and false, is no text. To audit what is trained on, cells are taken the same way here.
"""

import math
import re
from collections.abc import Callable, Sequence
from enum import Enum

CHUNK_ROWS = 10_000
MISSING = frozenset(
    re.split(
        ";",
        ";#N/A;#N/A N/A;#NA;-1.#IND;-1.#QNAN;-NaN;-nan;1.#IND;1.#QNAN;<NA>;N/A;NA;NULL;NaN;None;"
        "n/a;nan;null",
    )
)
"""What pandas takes for a missing cell, the empty cell first."""
BOOLEANS = dict.fromkeys(("True", "TRUE", "true"), True) | dict.fromkeys(
    ("False", "FALSE", "false"), False
)
NUMBER = re.compile(
    r"[ \t]*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity)[ \t]*", re.ASCII | re.IGNORECASE
)


class Kind(Enum):
    """What the cells of a column are."""

    MISSING = "nothing"
    NUMBER = "numbers"
    BOOLEAN = "true and false"
    TEXT = "texts"


def kind_of(cells: Sequence[str]) -> Kind:
    """What the cells of one column in one chunk are."""
    written = [cell for cell in cells if cell not in MISSING]
    if not written:
        return Kind.MISSING
    if all(cell in BOOLEANS for cell in written):
        return Kind.BOOLEAN
    if all(NUMBER.fullmatch(cell) for cell in written):
        return Kind.NUMBER
    return Kind.TEXT


def reader_of(kind: Kind) -> Callable[[str], object]:
    """How a cell that is not missing is read."""
    if kind is Kind.BOOLEAN:
        return BOOLEANS.__getitem__
    return _number if kind is Kind.NUMBER else str


def reads_as_text(cell: str) -> bool:
    """Whether a cell means the same as a number and as a text: ``7``, but not ``007``."""
    return cell.isascii() and cell.isdigit() and (cell == "0" or not cell.startswith("0"))


def _number(cell: str) -> float:
    number = float(cell)
    return int(number) if math.isfinite(number) and number.is_integer() else number
