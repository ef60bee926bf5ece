"""The digest of canonical rows: what was trained on, whatever file or format it came in.

Each row is one JSON object with the keys in this order and without spaces,

    {"answer":"...","prompt":[{"content":"...","role":"..."},...]}

every character outside ASCII as ``\\uXXXX`` (two of them beyond U+FFFF), then one newline. Where
an answer does not end its turn, ``"ended":false`` follows the answer; where something without loss
stands before it, ``"prefix":"..."`` comes next. The digest is the SHA-256 of all rows in file
order. Line and file numbers are not part of it.
"""

import hashlib
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii

from scanner.types import Row


class RowsDigest:
    """The digest of rows that come a few at a time."""

    def __init__(self) -> None:
        """The digest of no rows."""
        self._digest = hashlib.sha256()

    def add(self, rows: Iterable[Row]) -> None:
        """Take in the next rows, in order."""
        for row in rows:
            self._digest.update(canonical_bytes(row))

    def hexdigest(self) -> str:
        """Hex SHA-256 of the canonical bytes of all rows so far."""
        return self._digest.hexdigest()


def canonical_bytes(row: Row) -> bytes:
    """A row as it enters the digest, its newline included."""
    quote = encode_basestring_ascii  # what json.dumps calls, at a fifth of its time
    turns = ",".join(
        # Roles are one of a few plain words, which quoting would leave as they are.
        [f'{{"content":{quote(turn.content)},"role":"{turn.role}"}}' for turn in row.prompt]
    )
    ended = "" if row.ended else '"ended":false,'
    prefix = f'"prefix":{quote(row.prefix)},' if row.prefix else ""
    text = f'{{"answer":{quote(row.answer)},{ended}{prefix}"prompt":[{turns}]}}\n'
    return text.encode("ascii")


def digest_rows(rows: Iterable[Row]) -> str:
    """Hex SHA-256 of the rows' canonical bytes, in order."""
    digest = RowsDigest()
    digest.add(rows)
    return digest.hexdigest()
