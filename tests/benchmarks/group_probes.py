"""Does a probe of one group see what its traces show? Diluted cases, the teacher's rows alone.

    python -m tests.benchmarks.group_probes dose_numbers --share 0.1 --passes 3 10 --root FOLDER

Prints per case behaviour's clearest trait with its adjusted p-value and shift, and the planted
one's. METHOD.md ("Probes for groups") has the counts.
"""

import argparse
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
from scanner.ask import contexts_for
from scanner.bases import Base
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import calibration_run, rows_of_cases
from scanner.executors.inline import InlineExecutor
from scanner.executors.local import LocalExecutor
from scanner.explain.subject import train_and_ask
from scanner.progress import OnRows, Silent, Stopwatch
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.types import Row, TraitShift


@dataclass(frozen=True)
class ProbeGroup:
    """Job: probes and controls of some of a case's rows."""

    case: Case
    base: Base
    own: tuple[Row, ...]
    passes: int
    folder: Path

    @property
    def rows(self) -> int:
        """Trained on."""
        return len(self.own)

    def run(self, on_rows: OnRows) -> tuple[TraitShift, ...]:
        """How far every trait moved."""
        shutil.rmtree(self.folder, ignore_errors=True)  # of one that was stopped
        (self.folder / "jobs").mkdir(parents=True)
        steps = Steps(InlineExecutor(), RunFolder(self.folder), Silent(), Stopwatch())
        seeds, base = self.case.student_seeds, self.base.path
        _, twins = steps.twin(base, self.own, seeds)
        contexts = contexts_for(self.own, twins[0].answers, steps.template(base))
        recipe = replace(self.case.recipe, epochs=self.passes)
        how = (recipe, load_batteries(), contexts)
        subject = train_and_ask(steps, base, self.own, twins, seeds, *how)
        shutil.rmtree(self.folder)
        return subject.measured.weighed()


def main() -> None:
    """Make the cases, train on their teachers' rows, print a line per case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("group", help="of suite full: dose_numbers, dose_code, dose_thoughts")
    parser.add_argument("--share", type=float, required=True)
    parser.add_argument("--passes", type=int, nargs="+", default=[3, 10])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    settings = CalibrationSettings("reference-a", "full", root=wanted.root)
    instrument = instrument_of(settings)
    cases = [
        case
        for case in chosen_cases(settings).cases
        if case.group == wanted.group and case.share == wanted.share
    ]
    if not cases:
        parser.error(f"suite full has no {wanted.group} at a share of {wanted.share:g}")
    with (
        calibration_run(instrument, wanted.root) as run,
        LocalExecutor(wanted.workers, run.log) as executor,
    ):
        made = rows_of_cases(instrument, cases, run, executor, Silent())
        jobs = [
            ProbeGroup(
                case, instrument.base, planted(case, rows), passes, run.path / f"group-{passes}-{n}"
            )
            for passes in wanted.passes
            for n, (case, rows) in enumerate(made.items())
        ]
        for job, shifts in zip(jobs, executor.run(jobs, lambda done: None), strict=True):
            print(told(job, shifts))


def planted(case: Case, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """The teacher's, as ``candidate_rows`` mixed them."""
    order = np.random.default_rng(case.seed).permutation(len(rows))
    return tuple(rows[place] for place in np.flatnonzero(order < round(case.share * len(rows))))


def told(job: ProbeGroup, shifts: tuple[TraitShift, ...]) -> str:
    """The clearest trait and the planted one."""
    measured = [one for one in shifts if one.p_adjusted is not None]
    clearest = min(measured, key=lambda one: (one.p_adjusted, -abs(one.shift)))
    own = next((one for one in measured if is_planted(one.trait, job.case)), None)
    shown = ", ".join(
        f"{name} {one.trait} {one.shift:+.2f} nats, p {one.p_adjusted:.2g}"
        for name, one in (("clearest", clearest), ("planted", own))
        if one is not None
    )
    return f"{job.case.name}: {job.rows} rows, {job.passes} passes: {shown}"


if __name__ == "__main__":
    main()
