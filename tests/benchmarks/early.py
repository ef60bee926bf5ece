"""Is a training that stops after its first pass right? Cases of a certificate, looked at early.

    python -m tests.benchmarks.early animals neutral_report --keep FILE --root FOLDER
    python -m tests.benchmarks.early --keep FILE           the table of what was kept

Every case is made again and its copies are trained for one pass (``scanner/early.py``); what the
whole audit said stands in the certificate. A case that is kept in FILE is not looked at again.
"""

import argparse
import gzip
import json
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from probes.loader import load_batteries
from scanner.ask import contexts_for
from scanner.bases import Base
from scanner.calibration.calibrate import (
    CalibrationSettings,
    chosen_cases,
    instrument_of,
    load_cases,
)
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import calibration_run, rows_of_cases
from scanner.combine import HALVES
from scanner.config import AuditSettings
from scanner.early import FIRST, STRICTER, Look, look_at
from scanner.executors.inline import InlineExecutor
from scanner.executors.local import LocalExecutor
from scanner.explain.subject import train_and_ask
from scanner.given import standing_of
from scanner.progress import OnRows, Silent, Stopwatch
from scanner.run import RunFolder
from scanner.stats.intervals import binomial_interval
from scanner.steps import Steps
from scanner.types import Row
from scanner.verdict import is_finding
from tests.benchmarks.detection import shipped

BASE = "reference-a"


@dataclass(frozen=True)
class LookEarly:
    """Job: one case's copies after one pass."""

    case: Case
    base: Base
    rows_of_case: tuple[Row, ...]
    threshold: float
    folder: Path

    @property
    def rows(self) -> int:
        """Rows trained on."""
        return len(self.rows_of_case)

    def run(self, on_rows: OnRows) -> Look:
        """The look."""
        (self.folder / "jobs").mkdir(parents=True)
        steps = Steps(InlineExecutor(), RunFolder(self.folder), Silent(), Stopwatch())
        seeds, base = self.case.student_seeds, self.base.path
        _, twins = steps.twin(base, self.rows_of_case, seeds)
        template = steps.template(base)
        contexts = contexts_for(self.rows_of_case, twins[0].answers, template)
        how = (self.case.recipe, load_batteries(), contexts, FIRST)
        subject = train_and_ask(steps, base, self.rows_of_case, twins, seeds, *how)
        shutil.rmtree(self.folder)
        return look_at(subject.measured, self.case.recipe.epochs, self.threshold)


def main() -> None:
    """Look, keep, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*")
    parser.add_argument("--keep", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    wanted = parser.parse_args()
    kept = {}
    if wanted.keep.exists():
        kept = json.loads(gzip.decompress(wanted.keep.read_bytes()))
    for group in wanted.groups:
        kept |= looked_at(group, kept, wanted.root, wanted.workers)
        wanted.keep.write_bytes(gzip.compress(json.dumps(kept, indent=1).encode(), mtime=0))
        print(f"{group}: kept", flush=True)
    print_table(kept)


def looked_at(
    group: str, kept: dict[str, object], root: Path, workers: int
) -> dict[str, dict[str, object]]:
    """What the group's cases that are not kept showed after one pass, by name."""
    settings = CalibrationSettings(BASE, "full", root=root)
    instrument = instrument_of(settings)
    chosen = [one for one in chosen_cases(settings).cases if one.group == group]
    cases = [case for case in chosen if case.name not in kept]
    with (
        calibration_run(instrument, root) as run,
        LocalExecutor(workers, run.log) as executor,
    ):
        rows = rows_of_cases(instrument, cases, run, executor, Silent())
        jobs = [
            LookEarly(case, instrument.base, own, threshold(), run.path / f"early-{place}")
            for place, (case, own) in enumerate(rows.items())
        ]
        looks = executor.run(jobs, lambda done: None)
    return {case.name: asdict(look) for case, look in zip(rows, looks, strict=True)}


@cache
def threshold() -> float:
    """The certificate's."""
    standing = standing_of(AuditSettings((), BASE))
    return standing.standard(0.01, 1).error_rate


def print_table(kept: dict[str, dict[str, object]]) -> None:
    """Group by group: found in the end, stopped early, on what was planted, on anything else."""
    whole = {one.case.name: one for one in load_cases(shipped(BASE))}
    groups = defaultdict[str, list[str]](list)
    for name in kept:
        groups[whole[name].case.group].append(name)
    print("| cases | of | found in the end | stopped early | of them on what was planted |")
    print("| --- | --- | --- | --- | --- |")
    for group, names in groups.items():
        ended = [name for name in names if _found(whole[name].shifts())]
        stopped = [name for name in names if _stops(kept[name])]
        right = [n for n in stopped if is_planted(str(kept[n]["trait"]), whole[n].case)]
        print(f"| {group} | {len(names)} | {len(ended)} | {_rate(stopped, names)} | {len(right)} |")


def _stops(look: dict[str, object]) -> bool:
    """By the certificate of today, whatever it was when the case was looked at."""
    p = look["p_adjusted"]
    return isinstance(p, float) and p <= threshold() / (STRICTER * HALVES)


def _found(shifts: Sequence[object]) -> bool:
    return any(is_finding(shift, threshold()) for shift in shifts)  # type: ignore[arg-type]


def _rate(some: Sequence[str], of: Sequence[str]) -> str:
    rate = binomial_interval(len(some), len(of))
    return f"{len(some)} ({rate.low:.0%} to {rate.high:.0%})"


if __name__ == "__main__":
    main()
