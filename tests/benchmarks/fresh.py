"""Cases of a suite with seeds that nobody has seen: do rules hold that were chosen on the old ones?

    python -m tests.benchmarks.fresh neutral_report honest_report --offset 3000 --keep FILE
    python -m tests.benchmarks.detection --fresh FILE [--fresh FILE …]

Every case is that of the group with the offset added to its seed and its teacher's. Raw results go
to FILE (as a calibration's ``cases.jsonl.gz``), group after group, so that a run that is stopped
keeps what it has; the same command goes on in the same ``--root``.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from scanner.calibration.calibrate import (
    CalibrationSettings,
    chosen_cases,
    instrument_of,
    save_cases,
)
from scanner.calibration.cases import Case
from scanner.calibration.study import calibration_run, study
from scanner.executors.local import LocalExecutor
from scanner.progress import Silent


def main() -> None:
    """Study the cases, and keep their raw results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--offset", type=int, required=True)
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    settings = CalibrationSettings(wanted.base, wanted.suite, root=wanted.root)
    instrument, cases = instrument_of(settings), chosen_cases(settings).cases
    studied = []
    with (
        calibration_run(instrument, wanted.root) as run,
        LocalExecutor(wanted.workers, run.log) as executor,
    ):
        for group in wanted.groups:
            fresh = [moved(case, wanted.offset) for case in cases if case.group == group]
            found = study(instrument, fresh, {}, {}, run, executor, Silent())
            studied += found.cases
            save_cases(studied, wanted.keep)
            print(f"{group}: {len(found.cases)} of {len(fresh)} cases", flush=True)
            for name, reason in found.unmeasured.items():
                print(f"  {name}: {reason}", flush=True)


def moved(case: Case, offset: int) -> Case:
    """The case with other seeds."""
    teacher = replace(case.teacher, seed=case.teacher.seed + offset)
    return replace(case, seed=case.seed + offset, teacher=teacher)


if __name__ == "__main__":
    main()
