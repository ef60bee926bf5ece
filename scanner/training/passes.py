"""Which passes over the rows a training makes in one go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """The passes over the rows that are made in one go."""

    start: int = 0
    """Passes that were made before."""
    stop: int | None = None
    """Passes after which training pauses, the earlier ones among them; None: it goes to the
    end."""

    def passes(self, epochs: int) -> range:
        """Those of a training of so many epochs."""
        return range(self.start, epochs if self.stop is None else min(self.stop, epochs))


ALL = Part()
