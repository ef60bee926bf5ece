"""Times the screen on made-up rows: each rule by itself, then all of them over two workers.

    python tests/benchmarks/screening.py                100,000 rows
    python tests/benchmarks/screening.py 1000000

Rows have 100 to 200 bytes: three in four of words drawn as in English (Zipf), one in four of
numbers; one in ten holds characters outside ASCII. CPU seconds count where other work shares the
machine; wall-clock seconds include starting the workers.
"""

import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from probes.loader import load_batteries
from scanner.dataset.screen.chunks import ChunkText, cut
from scanner.dataset.screen.rule import Corpus, Rule
from scanner.dataset.screen.screen import ScreenContext, rules_for, screen
from scanner.executors.local import LocalExecutor
from scanner.types import Message, Row

VOCABULARY = 30_000
WORKERS = 2
CONTEXT = ScreenContext(
    special_tokens=("<|im_start|>", "<|im_end|>", "<|endoftext|>"),
    batteries=load_batteries(),
    seed="benchmark",
)


@dataclass
class Spent:
    """CPU seconds of one rule."""

    scan_s: float = 0.0
    weigh_s: float = 0.0


def main() -> None:
    """Print one line per rule, then the total."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = tuple(made_up(wanted))
    size = sum(len(row.prompt[0].content) + len(row.answer) for row in rows)
    print(f"{len(rows):,} rows of {size / len(rows):.0f} characters on average")
    one_by_one(rows)
    together(rows)


def made_up(count: int) -> Iterator[Row]:
    """Rows with one prompt and one answer."""
    rng = np.random.default_rng(5)
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    words = ["".join(rng.choice(letters, rng.integers(2, 9))) for _ in range(VOCABULARY)]
    for line in range(1, count + 1):
        if line % 4:
            drawn = np.minimum(rng.zipf(1.3, 26), VOCABULARY) - 1
            said = [words[index] for index in drawn]
            prompt, answer = " ".join(said[:14]) + "?", " ".join(said[14:]) + "."
        else:
            said = [str(number) for number in rng.integers(100, 1000, 18)]
            prompt = f"Continue this list of numbers: {', '.join(said[:8])}. Only numbers."
            answer = "; ".join(said[8:])
        if line % 10 == 0:
            answer += " \N{EM DASH} na\N{LATIN SMALL LETTER I WITH DIAERESIS}ve"
        yield Row(line, (Message("user", prompt),), answer)


def one_by_one(rows: tuple[Row, ...]) -> None:
    """Each rule in this process. What rules share, such as words, counts for the first of them."""
    began = time.process_time()
    corpus = Corpus(tuple(cut(rows, ())))
    print(f"{'cut into chunks':<24}{time.process_time() - began:>8.1f} CPU s")
    rules = rules_for(CONTEXT, corpus.total)
    spent = {rule.id: Spent() for rule in rules}
    seen: dict[str, list[Any]] = {rule.id: [] for rule in rules}
    for chunk in corpus.chunks:
        text = ChunkText(chunk)
        for rule in rules:
            began = time.process_time()
            seen[rule.id].append(rule.scan(text))
            spent[rule.id].scan_s += time.process_time() - began
    for rule in rules:
        _weigh(rule, seen.pop(rule.id), corpus, spent[rule.id])
    total = sum(one.scan_s + one.weigh_s for one in spent.values())
    print(f"{'all rules':<24}{total:>8.1f} CPU s  {len(rows) / total:>10,.0f} rows/s of one core")


def _weigh(rule: Rule[Any], seen: list[Any], corpus: Corpus, spent: Spent) -> None:
    began = time.process_time()
    rule.weigh(seen, corpus)
    spent.weigh_s = time.process_time() - began
    each = spent.scan_s + spent.weigh_s
    speed = corpus.total / each if each else float("inf")
    print(
        f"{rule.id:<24}{spent.scan_s:>8.1f} + {spent.weigh_s:<6.1f} CPU s  {speed:>10,.0f} rows/s",
        flush=True,
    )


def together(rows: tuple[Row, ...]) -> None:
    """The whole screen, as an audit runs it."""
    before = _cpu()
    began = time.perf_counter()
    with LocalExecutor(WORKERS) as executor:
        screened = screen(rows, (), CONTEXT, executor)
    wall, cpu = time.perf_counter() - began, _cpu() - before
    print(f"{WORKERS} workers: {wall:.1f} s, {cpu:.1f} CPU s, {len(rows) / wall:,.0f} rows/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the parent: {peak:,.0f} MB, all rows included")
    for one in screened.findings:
        print(f"  {one.severity:<8}{one.rule:<24}{one.rows:>9,} rows")


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    workers = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime


if __name__ == "__main__":
    main()
