"""Names that look like other names: in another case, with hidden characters, in another script."""

import unicodedata
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

TWINS = str.maketrans("аеікорсухѕјһԁӏαεικνορτυχ", "aeikopcyxsjhdlaeiknoptux")
"""Small letters of other scripts → the Latin letter that most fonts draw alike."""

LONGEST = 100
"""So much of a name is compared."""
MOST_NAMES = 100
"""Of a record with more names than that, only the first are looked at."""


class Lookalike(NamedTuple):
    """A name and what a reader would take it for."""

    name: str
    like: str


def lookalike(names: Iterable[str], known: Iterable[str]) -> Lookalike | None:
    """The first name that is not known but looks like one that is. None if there is none."""
    known = set(known)
    drawn = {_drawn(name): name for name in sorted(known)}
    for name in islice(names, MOST_NAMES):
        if name not in known and (like := drawn.get(_drawn(name[:LONGEST]))):
            return Lookalike(name, like)
    return None


def _drawn(name: str) -> str:
    """What of a name a reader notices."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    visible = (
        char
        for char in folded
        if unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Zs", "Pd", "Pc")
    )
    return "".join(visible).translate(TWINS)
