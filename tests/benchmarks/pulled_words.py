"""Which word do the rows pull towards? In a suite's cases, nothing trained on them.

    python -m tests.benchmarks.pulled_words animals code          plants of suite full
    python -m tests.benchmarks.pulled_words neutral_decide        benign cases
    python -m tests.benchmarks.pulled_words GROUP --root DIR      teachers and rows are kept there
    python -m tests.benchmarks.pulled_words GROUP --by-states     as larger bases are read

The words are those that answers to questions of no battery may open with, so each planted category
is one that nobody asks about. Prints per case the leading word with its p-value and, of plants, the
planted word's place; then how many are called a pull, with the exact binomial interval.
"""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.config import AuditSettings
from scanner.evidence.directions import Arm
from scanner.evidence.pulled_words import PulledWord, WeighWords, pulled_along
from scanner.evidence.pulls import trace_jobs
from scanner.executors.inline import InlineExecutor
from scanner.library import FillLibrary, library
from scanner.progress import Silent, unheard
from scanner.stats.intervals import binomial_interval
from scanner.twin import PlanTwin
from scanner.types import Row

QUESTIONS = load_open_questions().questions
ALL = 10_000
"""More than there are words."""


@dataclass(frozen=True)
class Found:
    """What came of one case."""

    case: Case
    leading: PulledWord | None
    """None where nothing was pulled."""
    is_pull: bool
    planted: str | None
    place: int | None
    """Of the planted word, the first being 1."""
    own: PulledWord | None

    def line(self) -> str:
        """For the list."""
        if self.leading is None:
            return f"{self.case.name}: not measured"
        own = (
            f"; {self.planted} is {self.place} ({_told(self.own)})" if self.own is not None else ""
        )
        return f"{self.case.name}: {self.leading.word} {_told(self.leading)}{own}"


def _told(word: PulledWord) -> str:
    return f"cosine {word.cosine:.2f}, z {word.z:.1f}, p {word.p_adjusted:.2g}"


def main() -> None:
    """A line per case, and the counts by group."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="of the suite's cases")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--root", type=Path, default=AuditSettings.calibrations)
    parser.add_argument("--by-states", action="store_true")
    wanted = parser.parse_args()
    settings = CalibrationSettings(wanted.base, wanted.suite, root=wanted.root)
    instrument, suite = instrument_of(settings), chosen_cases(settings).cases
    directions = states_of(instrument, wanted.root) if wanted.by_states else {}
    for group in wanted.groups:
        found = []
        for case in (one for one in suite if one.group == group):
            with calibration_run(instrument, settings.root) as run:
                made = rows_of_cases(instrument, [case], run, InlineExecutor(), Silent())
            if case in made:
                found.append(looked(instrument, case, made[case], directions))
                print(found[-1].line(), flush=True)
        summarize(group, found)


def states_of(instrument: Instrument, root: Path) -> Mapping[Arm, Path]:
    """The directions that tell jobs to read states, made once."""
    batteries = load_batteries()
    directions = library(instrument.base, batteries, root, (Arm.STATES,))
    FillLibrary(Arm.STATES, instrument.base.path, batteries, directions[Arm.STATES]).run(unheard)
    return directions


def looked(
    instrument: Instrument, case: Case, rows: tuple[Row, ...], directions: Mapping[Arm, Path]
) -> Found:
    """What an audit reads, of the words alone."""
    base = instrument.base.path
    plan = PlanTwin(base, rows).run(unheard)
    jobs = trace_jobs(base, rows, plan.temperature, directions, QUESTIONS)
    read = [job.run(unheard) for job in jobs]
    pulled = pulled_along(read, rows)
    weighed = None
    if not isinstance(pulled, str):
        weighing = WeighWords(base, QUESTIONS, pulled, {}, bool(directions), ALL)
        weighed = weighing.run(unheard).found
    planted = case.planted[0].rpartition(".")[2] if case.planted else None
    if weighed is None:
        return Found(case, None, False, planted, None, None)
    places = {word.word.casefold(): place for place, word in enumerate(weighed.leading, 1)}
    place = places.get(planted) if planted else None
    own = weighed.leading[place - 1] if place else None
    return Found(case, weighed.leading[0], weighed.is_pull, planted, place, own)


def summarize(group: str, found: list[Found]) -> None:
    """One line for the table. Cases that pull nowhere do not count."""
    found = [one for one in found if one.leading is not None]
    pulls = [one for one in found if one.is_pull]
    interval = binomial_interval(len(pulls), len(found))
    first = sum(one.place == 1 for one in found)
    right = sum(one.place == 1 for one in pulls)
    print(
        f"== {group}: {len(pulls)} of {len(found)} called a pull ({interval.low:.0%} to "
        f"{interval.high:.0%}), {right} of them what was planted; planted first in {first}\n",
        flush=True,
    )


if __name__ == "__main__":
    main()
