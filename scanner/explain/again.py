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
    digest = hashlib.sha256(np.packbits(dropped).tobytes()).hexdigest()[:12]
    again = replace(steps, prefix=f"without-{digest}-", stage=stage)
    as_long = Part(stop=left.part.stop)
    adapters = again.train(left.base, left.rows, left.twins, left.seeds, left.recipe, as_long)
    asked = again.ask_adapters(left.base, left.batteries, left.contexts, adapters)
    return Measured.of([subject.measured.base, *asked])
