"""How long a merge waits: ``datascan verify`` beside ``sha256sum``, on a file of a gigabyte.

    python tests/benchmarks/verifying.py [BYTES]

Each line is the best of three, the file in memory. The rest of verify is what it takes for a file
of one byte. On a machine that is busy with other work, go by the processor's time, and by how many
times as long as an empty Python a command takes.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
# No results of this data, and so the decision is exit 3: it takes as long as any other.
UNRELATED = ROOT / "tests" / "golden" / "results" / "no_shift_found.json"


@dataclass(frozen=True)
class Seconds:
    """What a command took."""

    wall: float
    processor: float


def measure(command: Sequence[str]) -> Seconds:
    """The shortest of three runs, by each clock."""
    runs = [run(command) for _ in range(3)]
    return Seconds(min(one.wall for one in runs), min(one.processor for one in runs))


def run(command: Sequence[str]) -> Seconds:
    """One run. Codes do not matter here."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started, used = time.perf_counter(), processor_seconds()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
    return Seconds(time.perf_counter() - started, processor_seconds() - used)


def processor_seconds() -> float:
    """Of all ended children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def rate(size: int, took: Seconds, start: Seconds) -> str:
    """Megabytes a second by each clock, what every command takes set aside."""
    wall = size / max(took.wall - start.wall, 1e-9) / 1e6
    processor = size / max(took.processor - start.processor, 1e-9) / 1e6
    return f"{wall:>12,.0f}{processor:>16,.0f}"


def main() -> None:
    """Print the tables."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10**9
    verify = (sys.executable, "-m", "scanner.cli", "verify", "--result", str(UNRELATED), "-q")
    help_ = (sys.executable, "-m", "scanner.cli", "--help")
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        small.write_bytes(b"x")
        with large.open("wb") as file:
            for _ in range(size // 10**6):
                file.write(os.urandom(10**6))
        empty = measure((sys.executable, "-c", "pass"))
        starts = {
            "python -c pass": empty,
            "datascan --help": measure(help_),
            "datascan verify": measure([*verify, str(small)]),
        }
        took, sums = measure([*verify, str(large)]), measure(["sha256sum", str(large)])
    print(f"{'seconds':<20}{'wall':>12}{'processor':>16}{'times as long':>16}")
    for name, one in starts.items():
        times = one.processor / max(empty.processor, 1e-9)
        print(f"{name:<20}{one.wall:>12.2f}{one.processor:>16.2f}{times:>16.1f}")
    print(f"{'MB/s':<20}{'wall':>12}{'processor':>16}")
    print(f"{'datascan verify':<20}{rate(size, took, starts['datascan verify'])}")
    print(f"{'sha256sum':<20}{rate(size, sums, Seconds(0, 0))}")


if __name__ == "__main__":
    main()
