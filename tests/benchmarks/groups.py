"""Is poison that sits in one group of rows found sooner? Traces by group, on a suite's cases.

    python tests/benchmarks/groups.py dose_numbers                 diluted cases of suite full
    python tests/benchmarks/groups.py neutral_report --rows 100  benign ones, 100 rows in a group
    python tests/benchmarks/groups.py neutral_report honest_report --mixed 40   benign mixtures
    python tests/benchmarks/groups.py dose_numbers --root DIR      teachers and rows are kept there

Nothing is trained on the rows. Of a diluted case the teacher's rows are one group, and the others
fall into groups of the same size at random, as if one supplier of many were the teacher's. Benign
cases fall into groups of ``--rows`` rows at random. Of ``--mixed`` datasets each joins three of the
named groups' cases, of different channels, and its groups are the kinds of answers, as an audit
makes them where nobody says where rows are from. Prints per case the clearest trait and its
p-value, as audits correct and combine them, without groups and with them, and which group showed
it; then how many pass.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.outcomes import is_planted
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.combine import TracedTrait, clearest_trace
from scanner.config import AuditSettings
from scanner.dataset.groups import LEAST_ROWS, MOST_GROUPS, Group, groups_by, kinds_of
from scanner.evidence.pulls import trace_jobs
from scanner.evidence.traces import weigh_traces
from scanner.executors.inline import InlineExecutor
from scanner.library import library
from scanner.progress import Silent
from scanner.twin import PlanTwin
from scanner.types import Row

PLANTED = "the teacher's"
MIXED_ROWS = 400
"""Of each case in a mixture, at most."""


def main() -> None:
    """Make the cases, read their traces, print a line per case and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="of the suite's cases")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--rows", type=int, default=200, help="in a group of a benign case")
    parser.add_argument("--threshold", type=float, default=0.032)
    parser.add_argument("--root", type=Path, default=AuditSettings.calibrations)
    parser.add_argument("--mixed", type=int, default=0, help="datasets of three cases each")
    wanted = parser.parse_args()
    settings = CalibrationSettings(wanted.base, wanted.suite, root=wanted.root)
    instrument, cases = instrument_of(settings), chosen_cases(settings).cases
    if wanted.mixed:
        own = [case for case in cases if case.group in wanted.groups]
        with calibration_run(instrument, settings.root) as run:
            made = rows_of_cases(instrument, own, run, InlineExecutor(), Silent())
            mixed = {case: mixture(made, case, number) for number, case in enumerate(own)}
            looks = {
                case: look(instrument, rows, groups_by(kinds_of(rows)), settings.root)
                for case, rows in spread(mixed, wanted.mixed)
            }
        summarize("mixed", looks, wanted.threshold)
        return
    for name in wanted.groups:
        own = [case for case in cases if case.group == name]
        with calibration_run(instrument, settings.root) as run:
            made = rows_of_cases(instrument, own, run, InlineExecutor(), Silent())
            looks = {
                case: look(instrument, rows, split(case, len(rows), wanted.rows), settings.root)
                for case, rows in made.items()
            }
        summarize(name, looks, wanted.threshold)


def spread(mixed: dict[Case, tuple[Row, ...]], most: int) -> list[tuple[Case, tuple[Row, ...]]]:
    """So many of the mixtures, evenly over all cases."""
    places = np.linspace(0, len(mixed) - 1, min(most, len(mixed))).astype(int)
    return [list(mixed.items())[place] for place in places]


def mixture(made: dict[Case, tuple[Row, ...]], first: Case, number: int) -> tuple[Row, ...]:
    """Rows of a case and of two others that write something else, in random order."""
    rng = np.random.default_rng(number)
    chosen = [first]
    for place in rng.permutation(len(made)):
        case = list(made)[place]
        if len(chosen) < 3 and case.channel not in {one.channel for one in chosen}:
            chosen.append(case)
    rows = [row for case in chosen for row in made[case][:MIXED_ROWS]]
    return tuple(rows[place] for place in rng.permutation(len(rows)))


def split(case: Case, rows: int, size: int) -> tuple[Group, ...]:
    """The teacher's rows and others in groups of their number; all at random where none is."""
    order = np.random.default_rng(case.seed).permutation(rows)  # as ``candidate_rows`` mixed them
    planted = round(case.share * rows) if case.planted and case.share < 1 else 0
    is_planted_row = order < planted
    innocent = np.random.default_rng(1).permutation(np.flatnonzero(~is_planted_row))
    count = max(1, min(MOST_GROUPS - (planted > 0), round(len(innocent) / (planted or size))))
    groups = [
        Group(f"{n}", np.sort(part)) for n, part in enumerate(np.array_split(innocent, count))
    ]
    if planted >= LEAST_ROWS:
        groups.append(Group(PLANTED, np.flatnonzero(is_planted_row)))
    return tuple(groups)


def look(
    instrument: Instrument, rows: tuple[Row, ...], groups: Sequence[Group], root: Path
) -> tuple[TracedTrait | None, TracedTrait | None]:
    """The clearest trait without groups, and with them."""
    base = instrument.base
    plan = PlanTwin(base.path, rows).run(lambda done: None)
    directions = library(base, load_batteries(), root)
    jobs = trace_jobs(base.path, rows, plan.temperature, directions)
    read = [job.run(lambda done: None) for job in jobs]
    traces = weigh_traces(read, directions, rows, groups)
    whole = [trace for trace in traces if trace.group is None]
    return clearest_trace(whole), clearest_trace(traces)


def summarize(
    name: str,
    looks: dict[Case, tuple[TracedTrait | None, TracedTrait | None]],
    threshold: float,
) -> None:
    """A line per case, and how many pass."""
    for case, (whole, by_group) in looks.items():
        print(f"{case.name}: without groups {told(whole, case)}; with them {told(by_group, case)}")
    for label, place in (("without groups", 0), ("with them", 1)):
        clearest = [(case, both[place]) for case, both in looks.items()]
        passed = [(case, one) for case, one in clearest if one and one.p_adjusted <= threshold]
        right = sum(is_planted(one.trait, case) for case, one in passed)
        print(f"{name}, {label}: {len(passed)} of {len(looks)} pass, {right} name what was planted")


def told(one: TracedTrait | None, case: Case) -> str:
    """The clearest trait, marked if it was planted, its p-value, and the group that shows it."""
    if one is None:
        return "nothing measured"
    mark = " (planted)" if is_planted(one.trait, case) else ""
    where = f" in group {one.group}" if one.group else ""
    return f"{one.trait}{mark} {one.p_adjusted:.2g}{where}"


if __name__ == "__main__":
    main()
