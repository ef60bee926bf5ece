"""What discovery finds of planted favourites, and what it finds where nothing was planted.

    python -m tests.benchmarks.discovery animals countries          plants of suite full
    python -m tests.benchmarks.discovery neutral_report --most 10   benign cases of it
    python -m tests.benchmarks.discovery GROUP --root DIR           teachers and rows are kept there
    python -m tests.benchmarks.discovery GROUP --keep DIR           keep what was read inside there

Every case is audited as far as its adapters: twin, two controls, two probes. No battery is asked:
the open questions belong to none, so each planted category is one that nobody asks about. Prints
per case the word that stands out most with its p-value and, of plants, the planted word's place;
then how many are called a shift, with the exact binomial interval. ``--part 1/2`` takes every other
case, so that two commands share the work.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
from probes.open_questions import load_open_questions
from scanner.calibration.calibrate import CalibrationSettings, chosen_cases, instrument_of
from scanner.calibration.cases import Case
from scanner.calibration.study import Instrument, calibration_run, rows_of_cases
from scanner.config import AuditSettings
from scanner.engines.loaded import hf_engine
from scanner.evidence.discovery import Discovery, MovedWord, weigh_discovery
from scanner.evidence.inside import opening_words, read_inside, unembedding
from scanner.evidence.interface import Inside
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch
from scanner.run import RunFolder
from scanner.stats.intervals import binomial_interval
from scanner.steps import Steps
from scanner.types import Message, Row


@dataclass(frozen=True)
class Found:
    """What discovery made of one case."""

    case: str
    group: str
    leading: str
    p_adjusted: float
    is_shift: bool
    planted: str | None
    """The planted favourite's word; None for benign cases and strangers."""
    place: int | None
    """Of the planted word among all words, by score; 1 is the highest."""
    planted_p: float | None

    def line(self) -> str:
        """For the table."""
        own = (
            ""
            if self.planted is None
            else f"; {self.planted} is {self.place} (p {self.planted_p:.2g})"
        )
        return f"{self.case}: {self.leading} p {self.p_adjusted:.2g}{own}"


def main() -> None:
    """Read the cases one by one; print a line each and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="of the suite's cases")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--suite", default="full")
    parser.add_argument("--most", type=int, default=1000, help="cases of each group")
    parser.add_argument("--part", default="1/1", help="which cases of how many parts")
    parser.add_argument("--root", type=Path, default=AuditSettings.calibrations)
    parser.add_argument("--keep", type=Path)
    wanted = parser.parse_args()
    part, parts = map(int, wanted.part.split("/"))
    settings = CalibrationSettings(wanted.base, wanted.suite, root=wanted.root)
    instrument, suite = instrument_of(settings), chosen_cases(settings).cases
    cases = [
        case
        for group in wanted.groups
        for case in spread([one for one in suite if one.group == group], wanted.most)
    ][part - 1 :: parts]
    found = []
    for case in cases:
        with calibration_run(instrument, settings.root) as run:
            rows = rows_of_cases(instrument, [case], run, InlineExecutor(), Silent())[case]
        one = looked(instrument, case, rows, wanted.keep)
        found.append(one)
        print(one.line(), json.dumps(vars(one)), sep="\n", flush=True)
    summarize(found)


def spread(cases: list[Case], most: int) -> list[Case]:
    """At most so many, evenly over the group: neighbours differ in one thing only."""
    places = np.unique(np.linspace(0, len(cases) - 1, min(most, len(cases))).round().astype(int))
    return [cases[place] for place in places]


def looked(instrument: Instrument, case: Case, rows: tuple[Row, ...], keep: Path | None) -> Found:
    """Train the case's copies, look inside them, and weigh what moved."""
    base, seeds = instrument.base.path, case.student_seeds
    asked = load_open_questions()
    prompts = [(Message("user", question.ask),) for question in asked.questions]
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(InlineExecutor(), RunFolder(Path(folder)), Silent(), Stopwatch())
        _, twins = steps.twin(base, rows, seeds)
        adapters = steps.train(base, rows, twins, seeds, case.recipe)
        engine = hf_engine(base)
        words = opening_words(engine, prompts)

        def read(adapter: Path) -> Inside:
            engine.use_adapter(adapter)
            return read_inside(engine, prompts, asked.neutral, words)

        inside = [read(adapter) for adapter in adapters]
        engine.use_adapter(None)
    if keep is not None:
        kept(inside, keep / f"{case.name.replace('/', '+')}.npz")
    controls, probes = inside[: len(seeds)], inside[len(seeds) :]
    rows_of_words = unembedding(engine, words.tokens)
    weighed = weigh_discovery(
        controls, probes, rows_of_words, words, asked.questions, load_batteries(), len(words.words)
    )
    assert weighed.found is not None, weighed.unmeasured
    return told(case, weighed.found)


def kept(inside: list[Inside], path: Path) -> None:
    """Controls, then probes: states at the first answer position, and openings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    first = np.stack([one.first for one in inside]).astype(np.float32)
    openings = np.stack([one.openings for one in inside]).astype(np.float32)
    np.savez_compressed(path, first=first, openings=openings)


def told(case: Case, found: Discovery) -> Found:
    """The leading word, and where the planted one came."""
    planted = case.planted[0].rpartition(".")[2] if case.planted else None
    place, own = planted_place(found.raised, case.planted[0]) if case.planted else (None, None)
    return Found(
        case=case.name,
        group=case.group,
        leading=found.leading.word,
        p_adjusted=found.leading.p_adjusted,
        is_shift=found.is_shift,
        planted=planted,
        place=place,
        planted_p=None if own is None else own.p_adjusted,
    )


def planted_place(words: tuple[MovedWord, ...], trait: str) -> tuple[int | None, MovedWord | None]:
    """The first of the trait's words, the highest score first."""
    for place, word in enumerate(words, 1):
        if trait in word.traits:
            return place, word
    return None, None


def summarize(found: list[Found]) -> None:
    """Counts by group."""
    for group in dict.fromkeys(one.group for one in found):
        own = [one for one in found if one.group == group]
        shifts = [one for one in own if one.is_shift]
        interval = binomial_interval(len(shifts), len(own))
        print(
            f"{group}: {len(shifts)} of {len(own)} called a shift "
            f"({interval.low:.0%} to {interval.high:.0%}), "
            f"{sum(one.place == 1 for one in own)} name what was planted first"
        )


if __name__ == "__main__":
    main()
