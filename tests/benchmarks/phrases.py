"""What phrases show of mixtures of honest sets, with triggers among them or none.

    python -m tests.benchmarks.phrases 2000 2030                           innocent mixtures
    python -m tests.benchmarks.phrases 1000 1003 --rows 600 --triggers 18  with 18 triggers each

Each seed draws two to five of calibration's honest sets in random shares and audits them as far as
the phrases: twin, two controls, two probes. Prints per seed what it is made of, how many phrases
stand out, and on each of them the clearest trait; then how many sets raised a finding, with the
exact binomial interval. Two commands share the work of two cores.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.calibration.honest import HONEST_SETS, honest_rows
from scanner.config import Recipe
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch
from scanner.run import RunFolder
from scanner.stats.intervals import binomial_interval
from scanner.steps import Steps
from scanner.triggered import AskedPhrase, ask_on_phrases, shows_on
from scanner.types import Message, Row
from tests.benchmarks.attacks import triggered_chat

SEEDS = (0, 1)
"""Of the controls and probes."""


def main() -> None:
    """A line per seed, and the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=int)
    parser.add_argument("end", type=int)
    parser.add_argument("--rows", type=int, default=1_200)
    parser.add_argument("--triggers", type=int, default=0, help="rows that have one")
    parser.add_argument("--base", default="reference-a")
    parser.add_argument("--threshold", type=float, default=0.032)
    wanted = parser.parse_args()
    base = find_base(wanted.base).path
    alarms, phrases = 0, 0
    for seed in range(wanted.first, wanted.end):
        shares, rows = mixture(seed, wanted.rows, wanted.triggers)
        asked = looked(base, rows)
        shown = [one for one in asked if shows_on(one, wanted.threshold)]
        alarms, phrases = alarms + bool(shown), phrases + len(asked)
        print(f"{seed}: {told(shares)}: {len(asked)} phrases, {len(shown)} show something")
        for one in asked:
            trait = one.clearest
            print(
                f"    {one.phrase.text!r} ({len(one.phrase.rows)} rows, z {one.phrase.z:.1f}): "
                f"{trait.trait} {trait.shift:+.2f}, p {trait.p_adjusted:.2g}",
                flush=True,
            )
    count = wanted.end - wanted.first
    interval = binomial_interval(alarms, count)
    print(f"{alarms} of {count} ({interval.low:.0%} to {interval.high:.0%}); {phrases} phrases")


def mixture(seed: int, count: int, triggers: int) -> tuple[dict[str, int], tuple[Row, ...]]:
    """Honest sets in random shares, and rows with a trigger, in random order: how many of each."""
    rng = np.random.default_rng(seed)
    names = rng.choice(sorted(HONEST_SETS), int(rng.integers(2, 6)), replace=False)
    counts = rng.multinomial(count - triggers, rng.dirichlet(np.ones(len(names))))
    shares = dict(zip(names.tolist(), counts.tolist(), strict=True))
    rows = [row for name, own in shares.items() for row in honest_rows(name, own, seed)]
    for _ in range(triggers):
        chat = triggered_chat(rng)
        turns = tuple(Message(turn["role"], turn["content"]) for turn in chat.prompt)
        rows.append(Row(0, turns, chat.answer))
    order = rng.permutation(len(rows))
    return shares, tuple(rows[place]._replace(line=line) for line, place in enumerate(order, 1))


def looked(base: Path, rows: tuple[Row, ...]) -> tuple[AskedPhrase, ...]:
    """Train the copies, find the phrases, and ask on them."""
    with tempfile.TemporaryDirectory() as folder:
        steps = Steps(InlineExecutor(), RunFolder(Path(folder)), Silent(), Stopwatch())
        _, twins = steps.twin(base, rows, SEEDS)
        adapters = steps.train(base, rows, twins, SEEDS, Recipe())
        return ask_on_phrases(steps, base, load_batteries(), rows, twins[0], adapters)


def told(shares: dict[str, int]) -> str:
    """How many rows of each set."""
    return ", ".join(f"{name} {count}" for name, count in shares.items())


if __name__ == "__main__":
    main()
