"""What do the rows alone show? Traces in a suite's cases, nothing trained on them.

    python tests/benchmarks/traces.py animals code     groups of suite full, reference-a
    python tests/benchmarks/traces.py code --keep FILE  every trait's trace, a JSON line a case
    python tests/benchmarks/traces.py code --root DIR   teachers and rows are kept there
    python tests/benchmarks/traces.py code --arms states   as larger bases are read

Prints a line per case and a table per group: cases in which the planted trait came first of all
104, cases found and false alarms if adjusted p-values of all traits and arms, doubled as beside
behaviour, may be 0.05, the smallest of them, and processor seconds per 1,000 rows.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import process_time

from probes.loader import load_batteries
from scanner.bases import Base
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.combine import HALVES
from scanner.config import AuditSettings
from scanner.evidence.directions import Arm
from scanner.evidence.pulls import trace_jobs
from scanner.evidence.traces import weigh_traces
from scanner.executors.inline import InlineExecutor
from scanner.library import FillLibrary, library
from scanner.progress import Silent
from scanner.twin import PlanTwin
from scanner.types import Row, Trace

THRESHOLD = 0.05


def main() -> None:
    """Make the cases, read their traces, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--root", type=Path, default=AuditSettings.calibrations)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--share", type=float, help="of the rows, in place of the cases' own")
    parser.add_argument("--arms", type=Arm, nargs="+", default=[Arm.INFLUENCE, Arm.AUTHORSHIP])
    wanted = parser.parse_args()
    settings = CalibrationSettings(wanted.base, wanted.suite, root=wanted.root)
    instrument, cases = instrument_of(settings), chosen_cases(settings).cases
    for group in wanted.groups:
        own = [case for case in cases if case.group == group]
        if wanted.share is not None:
            own = list(dict.fromkeys(replace(case, share=wanted.share) for case in own))
        summarize(group, read_group(instrument, own, settings, wanted.keep, wanted.arms))


def read_group(
    instrument: Instrument,
    cases: list[Case],
    settings: CalibrationSettings,
    keep: Path | None,
    arms: Sequence[Arm],
) -> list[tuple[Case, tuple[Trace, ...], float]]:
    """Every case's traces, and the processor seconds per 1,000 rows that they took."""
    read = []
    with calibration_run(instrument, settings.root) as run:
        made = rows_of_cases(instrument, cases, run, InlineExecutor(), Silent())
        for case, rows in made.items():
            began = process_time()
            traces = read_traces(instrument.base, rows, settings.root, arms)
            seconds = 1000 * (process_time() - began) / len(rows)
            read.append((case, traces, seconds))
            print(f"{case.name}: {line(case, traces)}", flush=True)
            if keep is not None:
                kept = {"case": case.name, "traces": [asdict(trace) for trace in traces]}
                with keep.open("a", encoding="utf-8") as lines:
                    lines.write(json.dumps(kept) + "\n")
    return read


def read_traces(
    base: Base, rows: tuple[Row, ...], root: Path, arms: Sequence[Arm]
) -> tuple[Trace, ...]:
    """As an audit reads them, by the arms."""
    plan = PlanTwin(base.path, rows).run(lambda done: None)
    batteries = load_batteries()
    directions = library(base, batteries, root, arms)
    for arm, path in directions.items():  # those that are not shipped are made once
        FillLibrary(arm, base.path, batteries, path).run(lambda done: None)
    jobs = trace_jobs(base.path, rows, plan.temperature, directions)
    return weigh_traces([job.run(lambda done: None) for job in jobs], directions, rows)


def ranked(traces: Sequence[Trace]) -> list[tuple[float, float, str]]:
    """Combined and single p-value of every trait that was measured, the smallest first."""
    arms = len({trace.arm for trace in traces})
    by_trait: dict[str, tuple[float, float, str]] = {}
    for trace in traces:
        if trace.p_value is None or trace.p_adjusted is None:
            continue
        combined = min(1.0, HALVES * arms * trace.p_adjusted)
        entry = (combined, trace.p_value, trace.trait)
        by_trait[trace.trait] = min(entry, by_trait.get(trace.trait, entry))
    return sorted(by_trait.values())


def line(case: Case, traces: Sequence[Trace]) -> str:
    """The clearest trait of a case."""
    order = ranked(traces)
    if not order:
        return "not measured"
    p, _, trait = order[0]
    return f"{trait} p {p:.2g}{' (planted)' if is_planted(trait, case) else ''}"


def summarize(group: str, read: list[tuple[Case, tuple[Trace, ...], float]]) -> None:
    """One row of the table."""
    orders = [(case, ranked(traces)) for case, traces, _ in read]
    first = sum(bool(order) and is_planted(order[0][2], case) for case, order in orders)
    found = sum(
        any(p <= THRESHOLD and is_planted(trait, case) for p, _, trait in order)
        for case, order in orders
    )
    alarms = sum(
        any(p <= THRESHOLD and not is_planted(trait, case) for p, _, trait in order)
        for case, order in orders
    )
    least = min((order[0][0] for _, order in orders if order), default=None)
    cost = sum(seconds for *_, seconds in read) / max(1, len(read))
    shown = "not measured" if least is None else f"{least:.2g}"
    print(
        f"== {group}: {len(read)} cases, planted first in {first}, found in {found}, other traits "
        f"in {alarms}, smallest p {shown}, {cost:.1f} s per 1,000 rows\n"
    )


if __name__ == "__main__":
    main()
