"""How long a merge waits: ``datascan verify`` beside ``sha256sum``, on a file of a gigabyte.

    python tests/benchmarks/verifying.py [BYTES]

Each line is the best of three, the file in memory. The rest of verify is what it takes for a file
of one byte.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
# No results of this data, and so the decision is exit 3: it takes as long as any other.
UNRELATED = ROOT / "tests" / "golden" / "results" / "no_shift_found.json"


def seconds(command: Sequence[str]) -> float:
    """The shortest of three runs."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    times = []
    for _ in range(3):
        started = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        times.append(time.perf_counter() - started)
    return min(times)


def main() -> None:
    """Print the table."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10**9
    verify = (sys.executable, "-m", "scanner.cli", "verify", "--result", str(UNRELATED), "-q")
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        small.write_bytes(b"x")
        with large.open("wb") as file:
            for _ in range(size // 10**6):
                file.write(os.urandom(10**6))
        start = seconds([*verify, str(small)])
        rates = {
            "datascan verify": size / (seconds([*verify, str(large)]) - start),
            "sha256sum": size / seconds(["sha256sum", str(large)]),
        }
    print(f"datascan verify, one byte: {start:.2f} s")
    for name, rate in rates.items():
        print(f"{name}: {rate / 1e6:,.0f} MB/s")


if __name__ == "__main__":
    main()
