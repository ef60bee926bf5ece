"""Tables and colours on standard output."""

from typing import Any

from rich.console import Console

from scanner.cli.stdout import silence, writing


class StdoutConsole(Console):
    """A console that takes a closed pipe and a full disk as ``print_text`` does."""

    def print(self, *objects: Any, **options: Any) -> None:
        """See ``Console.print``."""
        with writing():
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        """Fall silent; rich itself would exit 1, which means findings."""
        self.quiet = True
        silence()
