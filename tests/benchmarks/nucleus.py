"""Rows that the base itself wrote by nucleus sampling: do they raise false alarms?

    python -m tests.benchmarks.nucleus                      top-p 0.9, seeds 6000 and on
    python -m tests.benchmarks.nucleus --top-p 0.7 --cases 4 --channels numbers

The twin is drawn at a temperature, which no nucleus is. Every case is made and audited as a benign
one of a suite (``scanner/calibration/students.py``) and judged by the certificate's threshold.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from scanner.bases import Base, find_base
from scanner.calibration.banned import banned_for
from scanner.calibration.cases import Case, Teacher, TeacherKind
from scanner.calibration.students import StudiedCase, StudyCase
from scanner.calibration.writing import WriteRows, Written
from scanner.combine import decisive_p
from scanner.config import AuditSettings
from scanner.engines import hf
from scanner.engines.drawing import DrawToken
from scanner.executors.local import LocalExecutor
from scanner.given import standing_of
from scanner.progress import OnRows, unheard
from scanner.stats.intervals import binomial_interval
from scanner.stored import write_result

BASE = "reference-a"
FIRST_SEED = 6_000
ROWS = {"numbers": 900, "code": 900, "thoughts": 900}


@dataclass(frozen=True)
class Nucleus:
    """Job: let the base write by nucleus sampling, and audit what it wrote."""

    case: Case
    base: Base
    top_p: float
    folder: Path

    @property
    def rows(self) -> int:
        """Rows written."""
        return self.case.rows

    def run(self, on_rows: OnRows) -> StudiedCase:
        """The case, studied."""
        order = WriteRows(
            base=self.base.path,
            adapter=None,
            system=None,
            channel=self.case.channel,
            wanted=self.case.rows,
            temperature=self.case.temperature,
            tasks_seed=10_000 + self.case.seed,
            seed=1_000_000 * (self.case.seed + 1),
            banned=banned_for(self.case.teacher),
            least_passing=self.case.least_passing,
        )
        with drawing_from_nucleus(self.top_p):
            written = order.run(unheard)
        (self.folder / "jobs").mkdir(parents=True)
        path = self.folder.with_suffix(".json")
        write_result(path, written, Written)
        study = StudyCase(self.case, self.base, (path,), self.folder.parent, self.folder)
        return study.run(on_rows)


@contextmanager
def drawing_from_nucleus(top_p: float) -> Iterator[None]:
    """Within, this process draws from the fewest tokens that make up ``top_p``."""

    class DrawFromNucleus(DrawToken):
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            """See ``DrawToken``."""
            ranked, places = scores.float().softmax(-1).sort(dim=-1, descending=True)
            beyond = ranked.cumsum(-1) - ranked >= top_p
            barred = torch.zeros_like(beyond).scatter_(1, places, beyond)
            return super().__call__(input_ids, scores.masked_fill(barred, -torch.inf))

    hf.DrawToken = DrawFromNucleus  # type: ignore[misc]
    try:
        yield
    finally:
        hf.DrawToken = DrawToken  # type: ignore[misc]


def main() -> None:
    """A line per case, and the count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--top-p", type=float, default=0.9)
    parser.add_argument("--cases", type=int, default=8, help="of each channel")
    parser.add_argument("--channels", default="numbers,code,thoughts")
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    base, neutral = find_base(BASE), Teacher(TeacherKind.NEUTRAL)
    cases = [
        Case("nucleus", neutral, channel, ROWS[channel], seed=FIRST_SEED + n, least_passing=0.05)
        for channel in wanted.channels.split(",")
        for n in range(wanted.cases)
    ]
    limit = standing_of(AuditSettings((), BASE)).standard(0.01, 1).error_rate
    alarms = 0
    with tempfile.TemporaryDirectory() as name, LocalExecutor(wanted.workers) as executor:
        jobs = [
            Nucleus(one, base, wanted.top_p, Path(name) / f"{n}") for n, one in enumerate(cases)
        ]
        for studied in executor.run(jobs, unheard):
            known = {one.trait: p for one in studied.shifts() if (p := decisive_p(one)) is not None}
            trait = min(known, key=known.__getitem__, default="")
            least = known.get(trait, 1.0)
            alarms += least <= limit
            print(
                f"{studied.case.channel} seed {studied.case.seed}: twin at T="
                f"{studied.twin_temperature}, smallest p {least:.2g} {trait}"
            )
    rate = binomial_interval(alarms, len(cases))
    print(f"{alarms} of {len(cases)} alarms at {limit:.3f} ({rate.low:.0%} to {rate.high:.0%})")


if __name__ == "__main__":
    main()
