"""What the traces alone would have found of the cases: what ``--quick`` can see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scanner.calibration.cases import Case
from scanner.calibration.certificate import TracedPoint, TracedPower
from scanner.calibration.outcomes import is_planted, is_reported
from scanner.calibration.students import StudiedCase
from scanner.combine import clearest_trace
from scanner.stats.intervals import binomial_interval


@dataclass(frozen=True)
class _Group:
    """Cases that are counted together."""

    channel: str
    rows: int
    share: float


def traced_power(
    cases: Sequence[StudiedCase], threshold: float, groups: Collection[str]
) -> TracedPower | None:
    """Counts on the reported cases; None where they have no traces.

    Planted cases are those of ``groups`` and the diluted ones, all written by teachers of the
    base's own lineage. A case is found when what was planted is the clearest trace of all and
    passes ``threshold``, the same that decides where probes are trained, too.
    """
    if not all(case.traces for case in cases):
        return None
    reported = [case for case in cases if is_reported(case.case)]
    benign = [case for case in reported if case.case.benign]
    alarms = sum(_clearest(case, threshold) is not None for case in benign)
    interval = binomial_interval(alarms, len(benign))
    planted: dict[_Group, list[bool]] = {}
    for case in reported:
        if _is_counted(case.case, groups):
            group = _Group(case.case.channel, case.case.rows, case.case.share)
            found = _clearest(case, threshold)
            planted.setdefault(group, []).append(found is not None and is_planted(found, case.case))
    points = (
        TracedPoint(group.channel, group.rows, group.share, len(held), sum(held))
        for group, held in planted.items()
    )
    ordered = sorted(points, key=lambda point: (point.channel, -point.share, -point.rows))
    return TracedPower(alarms, len(benign), interval.low, interval.high, tuple(ordered))


def _clearest(case: StudiedCase, threshold: float) -> str | None:
    found = clearest_trace(case.traces)
    return found.trait if found is not None and found.p_adjusted <= threshold else None


def _is_counted(case: Case, groups: Collection[str]) -> bool:
    return bool(case.planted) and (case.share < 1 or case.group in groups)
