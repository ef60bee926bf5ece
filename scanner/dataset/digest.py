"""The digest of canonical rows: what was trained on, whatever file or format it came in.

Each row is one JSON object with the keys in this order and without spaces,

    {"answer":"...","prompt":[{"content":"...","role":"..."},...]}

every character outside ASCII as ``\\uXXXX`` (two of them beyond U+FFFF), then one newline. The
digest is the SHA-256 of all rows in file order. Line numbers are not part of it.
"""

import hashlib
import json
from collections.abc import Iterable

from scanner.types import Row


def canonical_bytes(row: Row) -> bytes:
    """A row as it enters the digest, its newline included."""
    prompt = [{"role": turn.role, "content": turn.content} for turn in row.prompt]
    record = {"prompt": prompt, "answer": row.answer}
    text = json.dumps(record, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def digest_rows(rows: Iterable[Row]) -> str:
    """Hex SHA-256 of the rows' canonical bytes, in order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(canonical_bytes(row))
    return digest.hexdigest()
