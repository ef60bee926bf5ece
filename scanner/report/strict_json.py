"""JSON as a careful reader takes it: one meaning per file, bounded, and inert in a log."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

MOST_BYTES = 128 * 2**20
"""An audit of 25,000 traits, each of them a finding with traces, writes two thirds of this."""
LARGEST = 1e15
"""No number of an audit is larger; beyond it, arithmetic and formatting would go astray."""


def as_json(values: object, sort_keys: bool = False) -> str:
    """``values`` as ASCII text that a CI log takes no command from; it parses to the same values.

    Raises ValueError for NaN and infinity.
    """
    text = json.dumps(values, indent=2, sort_keys=sort_keys, ensure_ascii=True, allow_nan=False)
    # Neither pair can stand outside a string, where the escape would change the meaning.
    return text.replace("::", r":\u003a").replace("##", r"#\u0023") + "\n"


def read_json(path: Path) -> Any:
    """The values in a file of at most ``MOST_BYTES``.

    Raises OSError if it cannot be read, and ValueError or RecursionError if it is no JSON, holds
    a key twice or a number that is none, or is too large or too deep.
    """
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES:,} bytes")
    return json.loads(
        content.decode(),
        parse_constant=_refuse_constant,
        parse_float=_float,
        parse_int=_int,
        object_pairs_hook=_object,
    )


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    return _bounded(float(text), text)


def _int(text: str) -> int:
    _bounded(float(text), text)
    return int(text)


def _bounded(number: float, text: str) -> float:
    if not math.isfinite(number) or abs(number) > LARGEST:
        raise ValueError(f"{text[:20]} is larger than any number of an audit")
    return number


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers of a repeated key may take different values; a third would be a guess."""
    values = dict(pairs)
    if len(values) < len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {twice[:40]!r} stands twice in one object")
    return values
