"""The terminal that commands print to."""

from rich.console import Console


class Terminal(Console):
    """A console that never ends the command.

    rich exits 1 where whoever read the output has gone (``| head``), and a gate would take that
    for findings.
    """

    def on_broken_pipe(self) -> None:
        """Print no more; the exit code is the command's own."""
        self.quiet = True
