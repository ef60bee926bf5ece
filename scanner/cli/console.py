"""The terminal that commands print to."""

import os

from rich.console import Console


class Terminal(Console):
    """A console that never ends the command.

    rich exits 1 where whoever read the output has gone (``| head``), and a gate would take that
    for findings.
    """

    def on_broken_pipe(self) -> None:
        """Print no more; the exit code is the command's own."""
        self.quiet = True

    @property
    def is_terminal(self) -> bool:
        """Whether tables and bars can be shown: a dumb terminal gets the plain lines of a log.

        rich takes every dumb one for 80 cells wide, and in a narrower one no line would fit.
        """
        dumb = os.environ.get("TERM", "").lower() in ("dumb", "unknown")
        return super().is_terminal and not dumb
