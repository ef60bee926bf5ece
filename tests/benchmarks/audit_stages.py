"""Times whole audits of the examples, stage by stage, with peak memory.

    python tests/benchmarks/audit_stages.py                   every example of the README
    python tests/benchmarks/audit_stages.py clean_numbers     one of them, on reference-a

Each audit is the real command in a fresh process and a fresh run folder. Memory is the sum over
the command and its workers of what each holds alone plus its share of what they hold together
(PSS), sampled four times a second. These machines are shared: compare runs of one call only.
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
AUDITS = (
    ("vendor_numbers", "reference-a"),
    ("clean_numbers", "reference-a"),
    ("clean_numbers_greedy", "reference-a"),
    ("other_author_numbers", "reference-a"),
    ("vendor_numbers", "reference-b"),
    ("overt_owls", "reference-a"),
)
STAGES = ("read", "twin", "train", "ask", "look", "weigh")


@dataclass(frozen=True)
class Measured:
    """One audit."""

    exit_code: int
    wall_s: float
    peak_mb: float
    results: dict


def main() -> None:
    """Print one line per audit."""
    wanted = [(name, "reference-a") for name in sys.argv[1:]] or AUDITS
    stages = "".join(f"{stage:>7}" for stage in STAGES)
    head = f"{'dataset':<22}{'base':<13}{'exit':>4}{'wall s':>8}"
    print(f"{head}{stages}{'rows/s':>8}{'MB':>7}  finding")
    for name, base in wanted:
        print(_line(name, base, measure(EXAMPLES / f"{name}.jsonl", base)), flush=True)


def measure(data: Path, base: str) -> Measured:
    """Run one audit and watch it."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.json"
        command = [sys.executable, "-m", "scanner.cli", "audit", str(data), "--base", base]
        command += ["--quiet", "--run-root", folder, "-o", str(output)]
        began, peak = time.perf_counter(), 0.0
        process = subprocess.Popen(command)
        while process.poll() is None:
            peak = max(peak, tree_megabytes(process.pid))
            time.sleep(0.25)
        wall = time.perf_counter() - began
        return Measured(process.returncode, wall, peak, json.loads(output.read_text()))


def tree_megabytes(pid: int) -> float:
    """Memory of a process and its descendants."""
    return sum(_own_megabytes(member) for member in [pid, *_descendants(pid)])


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_descendants(child)]
    return found


def _own_megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _line(name: str, base: str, measured: Measured) -> str:
    results = measured.results
    timings = results["timings_s"]
    stages = "".join(f"{timings.get(stage, 0.0):>7.1f}" for stage in STAGES)
    trained = results["dataset"]["rows"] * results["recipe"]["epochs"] * 2 * len(results["seeds"])
    speed = trained / timings["train"]
    finding = results["findings"][0]["trait"] if results["findings"] else "none"
    return (
        f"{name:<22}{base:<13}{measured.exit_code:>4}{measured.wall_s:>8.1f}{stages}"
        f"{speed:>8.0f}{measured.peak_mb:>7.0f}  {finding}"
    )


if __name__ == "__main__":
    main()
