"""Progress bars on standard error, with rows per second and time left."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from scanner.progress import OnRows, Progress, Silent

_WIDE = 60
"""Cells; in fewer, a line of five columns would break."""


@contextmanager
def progress_for(console: Console, quiet: bool) -> Iterator[Progress]:
    """Bars on a terminal; silence elsewhere, and where it is asked for."""
    if quiet or not console.is_terminal:
        yield Silent()
        return
    with Bars(*_columns(console), console=console) as bars:
        yield _Terminal(bars)


def _columns(console: Console) -> Iterator[ProgressColumn]:
    """A step on a line; the speed only where there is room for it."""
    yield TextColumn("{task.description:<6}")
    yield BarColumn()
    yield TextColumn("{task.completed:>6.0f}/{task.total:.0f} rows")
    if console.width >= _WIDE:
        yield _RowsPerSecond()
    yield TimeRemainingColumn()


class _Terminal(Progress):
    """See ``Progress``."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars

    def step(self, name: str, rows: int) -> AbstractContextManager[OnRows]:
        """See ``Progress.step``."""
        return self._step(name, rows)

    @contextmanager
    def _step(self, name: str, rows: int) -> Iterator[OnRows]:
        if rows == 0:  # every job was finished by an earlier run of the same command
            self._bars.console.print(Text(f"{name:<6} done before", style="dim"))
            yield lambda done: None
            return
        task = self._bars.add_task(name, total=rows)
        yield lambda done: self._bars.advance(task, done)
        self._bars.update(task, completed=rows)


class _RowsPerSecond(ProgressColumn):
    """Rows per second, once there is a speed."""

    def render(self, task: Task) -> Text:
        """The speed of a step."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} rows/s" if speed else "", style="dim")
