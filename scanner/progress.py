"""What an audit tells while it works. ``Silent`` tells nothing; the command line has a bar."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field

OnRows = Callable[[int], None]
"""Called with the number of rows done since the last call."""


def unheard(rows: int) -> None:
    """An ``OnRows`` that nobody listens to."""


class Progress(ABC):
    """Hears of each step and of the rows done in it."""

    @abstractmethod
    def step(self, name: str, rows: int) -> AbstractContextManager[OnRows]:
        """Begin a step of so many rows; call what it yields with the rows done."""


class Silent(Progress):
    """Tells nothing."""

    def step(self, name: str, rows: int) -> AbstractContextManager[OnRows]:
        """See ``Progress.step``."""
        return nullcontext(unheard)


@dataclass
class Stopwatch:
    """Seconds per step."""

    seconds: dict[str, float] = field(default_factory=dict)
    """Wall-clock seconds by step, in the order the steps began."""

    @contextmanager
    def time(self, step: str) -> Iterator[None]:
        """Add the time of the block to a step."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.seconds[step] = round(self.seconds.get(step, 0.0) + spent, 3)
