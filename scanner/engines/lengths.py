"""Rows that a base cannot see whole."""

from collections.abc import Sequence

from scanner.errors import AuditError
from scanner.types import Row


def check_lengths(rows: Sequence[Row], lengths: Sequence[int], context: int) -> None:
    """Raise ``AuditError`` for the longest row if it is longer than a base's ``context``: models
    would be trained on something else. ``lengths`` are in tokens."""
    row, length = max(zip(rows, lengths, strict=True), key=lambda pair: pair[1])
    if length > context:
        raise AuditError(
            f"line {row.line}: found a row of {length} tokens; expected at most {context}, the "
            "base's context; shorten or remove the row"
        )
