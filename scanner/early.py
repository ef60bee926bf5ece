"""Early: after the first pass over the rows, is the answer clear already?

The learning rate of the first pass is that of the whole training, so what goes on is the training
that would have been. Controls are looked at with their probes, at the same update: drift and peers
are those of one pass.
"""

from collections.abc import Callable
from dataclasses import dataclass

from scanner.combine import HALVES, LEAST_SHIFT
from scanner.explain.subject import Measured, Subject
from scanner.training.passes import Part
from scanner.types import TraitShift

FIRST, REST = Part(stop=1), Part(start=1)
STRICTER = 10
"""Times as small as at the end must a p-value be after the first pass, as trials are stopped early
(Haybittle 1971; Peto et al. 1976): one more look costs a tenth of the error rate, nominally."""


@dataclass(frozen=True)
class Look:
    """What probes and controls showed after the first pass."""

    passes: int
    """Made when it was looked."""
    of: int
    """Of a whole training."""
    threshold: float
    """The adjusted p-value at or below which a trait is clear so early."""
    trait: str | None
    """The clearest; None where nothing was measured."""
    p_adjusted: float | None
    """Its own, by behaviour alone."""
    stopped: bool
    """Whether it was clear, and nothing was trained further."""

    @property
    def told(self) -> str:
        """What the verdict says of it; nothing where training went on."""
        if not self.stopped:
            return ""
        return (
            f"Training stopped after {self.passes} of {self.of} passes over the rows, for "
            f"{self.trait} was clear by then (p {self.p_adjusted:.2g}, where {self.threshold:.2g} "
            "would do): all shifts are smaller than they would have become, and fainter traits may "
            "not have shown yet."
        )


def until_clear(
    measure: Callable[[Part], Subject], epochs: int, error_rate: float
) -> tuple[Subject, Look]:
    """The subject as it was after the first pass if that was clear, or else after all passes.

    ``measure`` trains a part and asks; ``error_rate`` is what decides at the end.
    """
    early = measure(FIRST)
    look = look_at(early.measured, epochs, error_rate)
    return (early if look.stopped else measure(REST)), look


def look_at(measured: Measured, epochs: int, error_rate: float) -> Look:
    """Whether a trait moved so far, and so surely, that it is a finding if nothing follows.

    Traces may take half of the error rate, so half is what behaviour has.
    """
    threshold = error_rate / (STRICTER * HALVES)
    moved = [one for one in measured.weighed() if abs(one.shift) >= LEAST_SHIFT]
    clearest = min(moved, key=_p, default=None)
    if clearest is None or clearest.p_adjusted is None:
        return Look(1, epochs, threshold, None, None, stopped=False)
    stopped = clearest.p_adjusted <= threshold
    return Look(1, epochs, threshold, clearest.trait, clearest.p_adjusted, stopped)


def _p(shift: TraitShift) -> float:
    return 1.0 if shift.p_adjusted is None else shift.p_adjusted
