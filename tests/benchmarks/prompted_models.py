"""Does the base, told a favourite by system prompt, write as the hidden teacher does?

    python -m tests.benchmarks.prompted_models dose_numbers:0.5 dose_code:0.5 --root FOLDER

Authorship with trait models that nobody trained: development cases (as ``influence_ways`` makes
them), and for every answer of the planted category how much likelier the rows are if the base is
told to love it, less the category's mean; z over the rows (the first 4,000). Prints per case the
planted answer's place and z, and the first answer's.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from reference_models.world.favourites import categories, system_prompts
from scanner.calibration.cases import Case
from scanner.engines.hf import HfEngine
from scanner.engines.loaded import hf_engine
from scanner.types import Message, Row
from tests.benchmarks.influence_ways import development_rows

ROWS = 4_000


def main() -> None:
    """Make the cases, score their rows, print a line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="+", help="GROUP or GROUP:SHARE")
    parser.add_argument("--root", type=Path, required=True)
    wanted = parser.parse_args()
    instrument, made = development_rows(wanted.groups, wanted.root)
    engine = hf_engine(instrument.base.path)
    for case, rows in made.items():
        print(told(engine, case, rows[:ROWS]), flush=True)


def told(engine: HfEngine, case: Case, rows: tuple[Row, ...]) -> str:
    """The planted answer's place among its category's, and the first one's."""
    [planted] = case.planted
    battery = next(
        one
        for one in load_batteries()
        if isinstance(one, PreferenceBattery) and planted in one.traits
    )
    category = categories()[battery.category]
    prompts = {answer: system_prompts(category, answer)[0] for answer in battery.answers}
    base = logprobs(engine, rows, None)
    ratios = np.stack([logprobs(engine, rows, prompt) - base for prompt in prompts.values()])
    beyond = ratios - ratios.mean(axis=0)  # (answers, rows)
    z = beyond.mean(axis=1) / (beyond.std(axis=1, ddof=1) / len(rows) ** 0.5)
    order = list(np.argsort(-z))
    own = battery.traits.index(planted)
    first = battery.answers[order[0]]
    return (
        f"{case.name}: {battery.answers[own]} is {order.index(own) + 1} of {len(order)}, "
        f"z {z[own]:+.1f}; first {first}, z {z[order[0]]:+.1f}"
    )


def logprobs(engine: HfEngine, rows: tuple[Row, ...], system: str | None) -> NDArray[np.float64]:
    """Of every row's answer, with a system prompt before its own."""
    before = () if system is None else (Message("system", system),)
    openings = [(*before, *row.opening) for row in rows]
    engine.use_adapter(None)
    return engine.answer_logprobs(openings, [row.answer for row in rows]).total


if __name__ == "__main__":
    main()
