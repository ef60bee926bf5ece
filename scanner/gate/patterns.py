"""Names with wildcards: ``misalignment.*``, ``data/*.jsonl``."""

from collections.abc import Iterable
from fnmatch import fnmatchcase


def matches_any(name: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern fits: ``*`` is any text, dots and slashes too; ``?`` is one character."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
