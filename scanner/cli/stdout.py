"""Whole texts on standard output, for commands that do not wait for rich."""

import sys
from contextlib import suppress


def print_text(text: str) -> None:
    """Write all of a text. What the terminal cannot encode is shown as an escape.

    Nobody reading on (``| head``) changes nothing. Raises ``OSError`` where it cannot be written,
    as on a full disk.
    """
    stream = sys.stdout
    if stream is None:  # it was closed before we began
        return
    encoding = stream.encoding or "utf-8"
    with suppress(BrokenPipeError):
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
