"""Ctrl-C and SIGTERM, which Python may raise where nobody can hear them.

KeyboardInterrupt is raised wherever the main thread happens to be. In a finaliser or a weak
reference's callback Python prints it and goes on, and the command would, too. So it is noted as
well, and long waits look at the note.
"""

import signal
import threading
from types import FrameType
from typing import NoReturn

_heard = threading.Event()


def listen() -> None:
    """From now on both signals end the command, at the latest at the next ``raise_if_heard``."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, _note)


def raise_if_heard() -> None:
    """Raise KeyboardInterrupt if a signal came, whatever became of it."""
    if _heard.is_set():
        raise KeyboardInterrupt


def _note(number: int, frame: FrameType | None) -> NoReturn:
    _heard.set()
    raise KeyboardInterrupt
