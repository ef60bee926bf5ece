"""How much does each arm catch? Detection on the cases of a certificate, arm by arm.

    python tests/benchmarks/detection.py                     reference-a, the shipped cases
    python tests/benchmarks/detection.py --base reference-b
    python tests/benchmarks/detection.py --cases FILE        cases.jsonl.gz of a calibration folder
    python tests/benchmarks/detection.py --fresh FILE      report on these (tests.benchmarks.fresh)

Nothing is trained: the cases' raw results are weighed again. Thresholds at 1 and 5% false alarms
are read off the benign cases with seeds below 1000 (``tail_threshold``), and every figure in the
table is of other cases: false alarms of the reported benign ones, and, by channel and poisoned
share, how many planted cases pass (Clopper and Pearson's 95% interval), how many of these name what
was planted first, and the area under the ROC against the reported benign cases.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log10
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from scanner.calibration.calibrate import CASES_FILE, CalibrationSettings, instrument_of, load_cases
from scanner.calibration.certificate import SHIPPED
from scanner.calibration.outcomes import is_planted, is_reported
from scanner.calibration.students import StudiedCase
from scanner.calibration.suites import choose
from scanner.combine import decisive_p, uncut_p
from scanner.config import Recipe
from scanner.stats.intervals import binomial_interval
from scanner.stats.tail import tail_threshold
from scanner.types import TraitShift
from scanner.weigh import hypotheses

RATES = (0.01, 0.05)


@dataclass(frozen=True)
class Judged:
    """One case by one arm."""

    score: float
    """-log10 of its smallest p-value times the number of hypotheses."""
    names_planted: bool
    """Whether that is the p-value of what was planted."""


def main() -> None:
    """Print a table per arm."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--fresh", type=Path, action="append", default=[])
    wanted = parser.parse_args()
    cases = list(load_cases(wanted.cases or shipped(wanted.base)))
    if wanted.fresh:
        decided = [case for case in cases if not is_reported(case.case)]
        cases = [*decided, *(case for path in wanted.fresh for case in load_cases(path))]
    groups = choose(wanted.suite, Recipe()).suite.planted_groups
    if not all(case.traces for case in cases):
        print("These cases have no traces: behaviour is all there is.\n")
    read = min(len({trace.arm for trace in case.traces}) for case in cases)
    for name, arm in list(ARMS.items())[: (1, 3, len(ARMS))[read]]:
        print_arm(name, arm, cases, groups)


def shipped(base: str) -> Path:
    """The package's own cases of a base."""
    instrument = instrument_of(CalibrationSettings(base))
    return SHIPPED / f"{base}-{instrument.id}.{CASES_FILE}"


def of_shifts(shifts: Sequence[TraitShift], case: StudiedCase) -> Judged:
    """By the rule that decides, over the given shifts with their traces."""
    count = hypotheses(shifts)
    uncut = {shift.trait: uncut_p(shift, count) for shift in shifts}
    decided = {shift.trait: decisive_p(shift) for shift in shifts}
    known = {trait: p for trait, p in uncut.items() if p is not None and decided[trait] is not None}
    if not known:
        return Judged(-log10(max(count.values())), names_planted=False)
    first = min(known, key=lambda trait: (decided[trait], known[trait], trait))
    return Judged(-log10(max(1e-12, known[first])), is_planted(first, case.case))


def behaviour(case: StudiedCase) -> Judged:
    """Probe minus control alone."""
    return of_shifts(replace(case, traces=()).shifts(), case)


def by_arm(arm: str) -> Callable[[StudiedCase], Judged]:
    """One arm's traces alone."""

    def judge(case: StudiedCase) -> Judged:
        own = [t for t in case.traces if t.arm == arm and t.p_value is not None]
        if not own:
            return Judged(-log10(len(case.traces)), names_planted=False)
        first = min(own, key=lambda trace: (trace.p_value, trace.trait))
        p = max(1e-12, len(own) * first.p_value)
        return Judged(-log10(p), is_planted(first.trait, case.case))

    return judge


def beside_influence(case: StudiedCase) -> Judged:
    """Behaviour and influence by the rule that decides, as if there were no authorship."""
    kept = tuple(trace for trace in case.traces if trace.arm == "influence")
    return of_shifts(replace(case, traces=kept).shifts(), case)


def traces(case: StudiedCase) -> Judged:
    """Both arms' traces, without behaviour."""
    both = [by_arm(arm)(case) for arm in ("authorship", "influence")]
    best = max(both, key=lambda one: one.score)
    return replace(best, score=best.score - log10(2))


ARMS: dict[str, Callable[[StudiedCase], Judged]] = {
    "behaviour": behaviour,
    "influence": by_arm("influence"),
    "behaviour and influence, as audits combine them": beside_influence,
    "authorship": by_arm("authorship"),
    "both arms of traces": traces,
    "all together": lambda case: of_shifts(case.shifts(), case),
}
"""The last three need cases that were read by both arms."""


def print_arm(
    name: str,
    arm: Callable[[StudiedCase], Judged],
    cases: Sequence[StudiedCase],
    groups: frozenset[str],
) -> None:
    """One arm's table."""
    benign = [case for case in cases if case.case.benign]
    deciding = np.array([arm(case).score for case in benign if not is_reported(case.case)])
    calm = [arm(case).score for case in benign if is_reported(case.case)]
    limits = [tail_threshold(deciding, rate) for rate in RATES]
    if any(limit is None for limit in limits):
        print(f"{name}: too few benign cases to set a threshold\n")
        return
    at = [limit.value for limit in limits if limit is not None]
    alarms = " ".join(rate_of(sum(score > limit for score in calm), len(calm)) for limit in at)
    print(f"{name}: false alarms at {' and '.join(f'{rate:.0%}' for rate in RATES)}: {alarms}")
    print(
        f"  {'channel':<12}{'share':>6}{'cases':>7}{'AUC':>7}  {'found at 1%':<21}"
        f"{'found at 5%':<21}named first, of those at 1%"
    )
    for (channel, share), planted in planted_cases(cases, groups).items():
        judged = [arm(case) for case in planted]
        auc = area([one.score for one in judged], calm)
        passed = [[one for one in judged if one.score > limit] for limit in at]
        first = sum(one.names_planted for one in passed[0])
        found = "".join(f"{rate_of(len(some), len(judged)):<21}" for some in passed)
        print(
            f"  {channel:<12}{share:>6.0%}{len(judged):>7}{auc:>7}  {found}"
            f"{first} of {len(passed[0])}"
        )
    print()


def area(planted: Sequence[float], calm: Sequence[float]) -> str:
    """Under the ROC curve; a dash where there is nothing to tell the planted from."""
    if not calm:
        return "-"
    truth = [1] * len(planted) + [0] * len(calm)
    return f"{roc_auc_score(truth, [*planted, *calm]):.3f}"


def planted_cases(
    cases: Sequence[StudiedCase], groups: frozenset[str]
) -> dict[tuple[str, float], list[StudiedCase]]:
    """Reported cases with something planted that can pass, by channel and share."""
    found: dict[tuple[str, float], list[StudiedCase]] = {}
    for one in cases:
        case = one.case
        counted = case.planted and is_reported(case) and (case.share < 1 or case.group in groups)
        if counted:
            what = "misaligned " if case.group.startswith("misaligned") else ""
            found.setdefault((what + case.channel, case.share), []).append(one)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], -item[0][1])))


def rate_of(count: int, of: int) -> str:
    """``3 of 20 (3–38%)``."""
    interval = binomial_interval(count, of)
    return f"{count} of {of} ({interval.low:.0%}–{interval.high:.0%})"


if __name__ == "__main__":
    main()
