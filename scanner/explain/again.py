"""The same audit on fewer rows: what is left of a shift when some are dropped?"""

import hashlib
from dataclasses import replace

import numpy as np

from scanner.explain.subject import Mask, Measured, Subject
from scanner.steps import Steps
from scanner.training.passes import Part


def measure_without(steps: Steps, subject: Subject, dropped: Mask, stage: str) -> Measured:
    """Train probes and controls of the same seeds on the rows that are left, and ask them.

    The contexts stay those of all rows. ``stage`` is what the time counts to. What was measured is
    kept in the run folder by what was dropped, so nothing is trained twice.
    """
    if not dropped.any():
        return subject.measured
    left = subject.without(dropped)
    as_long = replace(left, part=Part(stop=left.part.stop))
    return _measure(steps, as_long, f"without-{_digest(dropped)}-", stage)


def measure_alone(steps: Steps, subject: Subject, kept: Mask, passes: int, stage: str) -> Measured:
    """The same on the rows that are kept, for so many passes over these."""
    alone = subject.without(~kept)
    recipe = replace(subject.recipe, epochs=passes)
    alone = replace(alone, recipe=recipe, part=Part())
    return _measure(steps, alone, f"alone-{_digest(kept)}-", stage)


def _measure(steps: Steps, subject: Subject, prefix: str, stage: str) -> Measured:
    again = replace(steps, prefix=prefix, stage=stage)
    adapters = again.train(
        subject.base, subject.rows, subject.twins, subject.seeds, subject.recipe, subject.part
    )
    asked = again.ask_adapters(subject.base, subject.batteries, subject.contexts, adapters)
    return Measured.of([subject.measured.base, *asked])


def _digest(rows: Mask) -> str:
    return hashlib.sha256(np.packbits(rows).tobytes()).hexdigest()[:12]
