"""Compares how fast JSON Lines are read: by datascan, by ``datasets``, and by bare ``json.loads``.

    python tests/benchmarks/reading.py               100,000 rows, 50 MB
    python tests/benchmarks/reading.py 1000000       what the README's figures are made with

Each reader runs in a process of its own over the same file of chats. datascan reads, checks,
parses and digests every row; ``datasets`` parses them and writes its Arrow copy; ``json.loads``
parses only. Speed is by processor time, which threads add up in and a busy machine leaves alone;
memory is the peak of the process with all that it imports.
"""

import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROWS = 100_000
MB = 10**6
WORDS = re.split(
    " ",
    "the of a to is and in that it for you with on this be are as or can not your from have one "
    "which at number light river house when three made time there how first people than about "
    'then because 42; "quoted" caf\u00e9, line:\n',
)


@dataclass(frozen=True)
class Measured:
    """One reader's pass over the file."""

    rows: int
    wall_s: float
    cpu_s: float
    start_mb: float
    """Peak memory before the first row: the interpreter and its imports."""
    peak_mb: float


def by_datascan(path: Path) -> Callable[[], int]:
    """Read, check, parse and digest."""
    from scanner.dataset.read import stream_rows

    return lambda: sum(1 for _ in stream_rows(path))


def by_datasets(path: Path) -> Callable[[], int]:
    """Parse, and write the Arrow copy that trainers read."""
    import datasets

    datasets.disable_progress_bars()
    cache = str(path.parent / "cache")
    return lambda: len(
        datasets.load_dataset("json", data_files=str(path), cache_dir=cache, split="train")
    )


def by_json_loads(path: Path) -> Callable[[], int]:
    """Parse, and forget."""

    def read() -> int:
        with path.open("rb") as lines:
            return sum(1 for line in lines if json.loads(line))

    return read


READERS = {"datascan": by_datascan, "datasets": by_datasets, "json.loads": by_json_loads}


def main() -> None:
    """Write the file, run each reader once, print the table."""
    if len(sys.argv) == 3:
        print(json.dumps(asdict(measure(READERS[sys.argv[1]], Path(sys.argv[2])))))
        return
    rows = int(sys.argv[1]) if len(sys.argv) == 2 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chats.jsonl"
        write_chats(path, rows)
        megabytes = path.stat().st_size / MB
        print(f"{rows:,} rows, {megabytes:,.0f} MB")
        print(
            f"{'reader':<12}{'MB per CPU s':>13}{'CPU s':>8}{'wall s':>8}"
            f"{'MB at start':>12}{'peak MB':>9}"
        )
        speeds = {}
        for name in READERS:
            found = run(name, path)
            assert found.rows == rows, f"{name} read {found.rows} rows"
            speeds[name] = megabytes / found.cpu_s
            print(
                f"{name:<12}{speeds[name]:>13.0f}{found.cpu_s:>8.1f}{found.wall_s:>8.1f}"
                f"{found.start_mb:>12.0f}{found.peak_mb:>9.0f}",
                flush=True,
            )
    for name in ("datasets", "json.loads"):
        print(f"datascan / {name}: {speeds['datascan'] / speeds[name]:.2f}")


def run(name: str, path: Path) -> Measured:
    """One reader in a fresh process."""
    command = [sys.executable, __file__, name, str(path)]
    env = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    return Measured(**json.loads(done.stdout))


def measure(prepare: Callable[[Path], Callable[[], int]], path: Path) -> Measured:
    """Time a reader after its imports."""
    read = prepare(path)
    start_mb = peak_megabytes()
    wall, cpu = time.perf_counter(), cpu_seconds()
    rows = read()
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    return Measured(rows, wall, cpu, start_mb, peak_megabytes())


def cpu_seconds() -> float:
    """Of all threads of this process, in its own code and in the kernel's."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_megabytes() -> float:
    """The most that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB


def write_chats(path: Path, rows: int) -> None:
    """Chats of about 500 bytes, a thousand different ones with a number each."""
    rng = random.Random(0)
    bodies = [(_text(rng, 25), _text(rng, 40)) for _ in range(1000)]
    with path.open("w", encoding="utf-8") as lines:
        for number in range(rows):
            question, answer = bodies[number % len(bodies)]
            turns = [
                {"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": f"{number} {question}"},
                {"role": "assistant", "content": answer},
            ]
            lines.write(json.dumps({"messages": turns}) + "\n")


def _text(rng: random.Random, words: int) -> str:
    return " ".join(rng.choices(WORDS, k=words))


if __name__ == "__main__":
    main()
