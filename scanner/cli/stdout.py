"""Standard output that may be closed at any moment, as by ``| head``.

Nobody reading on is no error of ours, and it must not change an exit code.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from scanner.errors import ReportError


def print_text(text: str) -> None:
    """Write all of a text. What the terminal cannot encode is shown as an escape.

    Raises ``ReportError`` where it cannot be written, as on a full disk.
    """
    stream = sys.stdout
    if stream is None:  # it was closed before we began
        return
    encoding = stream.encoding or "utf-8"
    with writing():
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


@contextmanager
def writing() -> Iterator[None]:
    """Whatever is written inside: a closed pipe ends it, and all else is a ``ReportError``."""
    try:
        yield
    except BrokenPipeError:
        silence()
    except OSError as error:
        silence()
        raise ReportError(
            f"standard output: found {error.strerror}; expected to write there; make room, or "
            "give a file with --output"
        ) from error


def silence() -> None:
    """Send what is still to be printed nowhere: Python would try again when it ends, and fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
