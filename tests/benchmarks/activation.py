"""How far, and which way, states move: benign cases of suite full, and planted ones.

    python -m tests.benchmarks.activation neutral_report:8 animals:5 dose_numbers:15 --root FOLDER

GROUP:MOST takes so many cases, evenly over the group. Every case is audited as far as its adapters
and looked into. Prints per case the trait whose direction the shift at the first answer position
points along best (with its adjusted p-value, the smallest of all layers read), where the planted
trait's own comes, and how long the last layer's shift is beside that between controls.
"""

import argparse
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.bases import Base
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import calibration_run, rows_of_cases
from scanner.evidence.activation import FIRST, Activation, Toward
from scanner.executors.inline import InlineExecutor
from scanner.executors.local import LocalExecutor
from scanner.progress import OnRows, Silent, Stopwatch
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.types import Row
from tests.benchmarks.discovery import spread

SURE = 0.01
"""An adjusted p-value at or below is counted."""


@dataclass(frozen=True)
class LookAtCase:
    """Job: one case's copies, and what moved inside them."""

    case: Case
    base: Base
    rows_of_case: tuple[Row, ...]
    folder: Path

    @property
    def rows(self) -> int:
        """Trained on."""
        return len(self.rows_of_case)

    def run(self, on_rows: OnRows) -> Activation:
        """What moved."""
        shutil.rmtree(self.folder, ignore_errors=True)  # of one that was stopped
        (self.folder / "jobs").mkdir(parents=True)
        steps = Steps(InlineExecutor(), RunFolder(self.folder), Silent(), Stopwatch())
        seeds, base = self.case.student_seeds, self.base.path
        _, twins = steps.twin(base, self.rows_of_case, seeds)
        adapters = steps.train(base, self.rows_of_case, twins, seeds, self.case.recipe)
        looked = steps.look(base, load_batteries(), load_open_questions(), adapters)
        shutil.rmtree(self.folder)
        assert looked.activation.found is not None, looked.activation.unmeasured
        return looked.activation.found


def main() -> None:
    """Look at the cases; print a line each and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="GROUP:MOST")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    settings = CalibrationSettings("reference-a", "full", root=wanted.root)
    instrument, suite = instrument_of(settings), chosen_cases(settings).cases
    for group, _, most in (one.partition(":") for one in wanted.groups):
        cases = spread([case for case in suite if case.group == group], int(most))
        with (
            calibration_run(instrument, wanted.root) as run,
            LocalExecutor(wanted.workers, run.log) as executor,
        ):
            made = rows_of_cases(instrument, cases, run, executor, Silent())
            jobs = [
                LookAtCase(case, instrument.base, rows, run.path / f"look-{place}")
                for place, (case, rows) in enumerate(made.items())
            ]
            looked = executor.run(jobs, lambda done: None)
        summarize(group, list(made), looked)


def summarize(group: str, cases: Sequence[Case], looked: Sequence[Activation]) -> None:
    """A line per case, and how many are sure."""
    sure = right = 0
    for case, found in zip(cases, looked, strict=True):
        towards = clearest(found)
        if not towards:
            print(f"{case.name}: nothing moved", flush=True)
            continue
        place, own = planted_place(case, towards)
        last = [layer for layer in found.layers if layer.place == FIRST][-1]
        first = towards[0]
        drift = f"{last.norm / last.drift:.1f} times its drift" if last.drift else "no drift"
        planted = (
            "" if own is None else f"; planted is {place}: {own.cosine:+.2f}, p {own.p_value:.2g}"
        )
        line = f"{first.trait} {first.cosine:+.2f}, p {first.p_value:.2g}{planted}; {drift}"
        print(f"{case.name}: {line}", flush=True)
        sure += first.p_value <= SURE
        right += first.p_value <= SURE and is_planted(first.trait, case)
    print(f"{group}: {sure} of {len(cases)} at p {SURE:g}, {right} of them planted", flush=True)


def clearest(found: Activation) -> list[Toward]:
    """Traits at the first answer position, by the smallest p-value of any layer; of traits alike,
    the longer cosine."""
    towards = [one for layer in found.layers if layer.place == FIRST for one in layer.toward]
    ranked = sorted(towards, key=lambda one: (one.p_value, -abs(one.cosine)))
    return list({one.trait: one for one in reversed(ranked)}.values())[::-1]


def planted_place(case: Case, towards: Sequence[Toward]) -> tuple[int | None, Toward | None]:
    """Where the planted trait comes among those named."""
    for place, one in enumerate(towards, 1):
        if is_planted(one.trait, case):
            return place, one
    return None, None


if __name__ == "__main__":
    main()
