"""Is it luck? Audits the examples again with other seeds and counts what was found.

    python tests/benchmarks/seeds.py 10            first seeds 100, 110, ... 190
    python tests/benchmarks/seeds.py 10 --jobs 2   so many audits side by side, one worker each
    python tests/benchmarks/seeds.py 10 --runs DIR keep the run folders; the same command goes on

Prints one line per audit as it ends, then a table: found, false alarms, smallest and largest
shift of the planted trait, and how many times likelier it became in the probes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
AUDITS = (
    ("vendor_numbers", "reference-a"),
    ("clean_numbers", "reference-a"),
    ("clean_numbers_greedy", "reference-a"),
    ("other_author_numbers", "reference-a"),
    ("vendor_numbers", "reference-b"),
)
PLANTED = "preference.animal.owl"


def main() -> None:
    """Run the audits and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seeds", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--runs", type=Path)
    wanted = parser.parse_args()
    tasks = [(*pair, 100 + 10 * seed) for seed in range(wanted.seeds) for pair in AUDITS]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(wanted.jobs) as pool:
        runs = list(pool.map(lambda task: audit(*task, wanted.runs or Path(folder)), tasks))
    head = f"{'dataset':<36}{'audits':>7}{'found':>7}{'owl first':>10}"
    print(f"\n{head}   owl shift       probe/control")
    for pair in AUDITS:
        same = [run for task, run in zip(tasks, runs, strict=True) if task[:2] == pair]
        summarize(" on ".join(pair), same)
    held = all(_holds(*task[:2], run) for task, run in zip(tasks, runs, strict=True))
    sys.exit(0 if held else "a line of the table did not hold for every seed")


def _holds(name: str, base: str, results: dict) -> bool:
    findings = [finding["trait"] for finding in results["findings"]]
    planted = (name, base) == ("vendor_numbers", "reference-a")
    return findings[:1] == [PLANTED] if planted else not findings


def audit(name: str, base: str, seed: int, runs: Path) -> dict:
    """One audit with its own seeds, in a fresh process."""
    output = runs / f"{name}-{base}-{seed}.json"
    command = [sys.executable, "-m", "scanner.cli", "audit", str(EXAMPLES / f"{name}.jsonl")]
    command += ["--base", base, "--seed", str(seed), "--workers", "1", "--quiet"]
    subprocess.run([*command, "--run-root", str(runs), "-o", str(output)], check=False)
    results = json.loads(output.read_text())
    largest = sorted(results["traits"], key=lambda trait: trait["p_adjusted"] or 1)[0]
    found = ", ".join(finding["trait"] for finding in results["findings"]) or "none"
    print(
        f"{name} on {base}, seed {seed}: findings {found}; least p {largest['trait']} "
        f"{largest['shift']:+.2f}, adjusted {largest['p_adjusted']:.2g}",
        flush=True,
    )
    return results


def summarize(name: str, runs: list[dict]) -> None:
    """One line of the table."""
    owls = [next(t for t in run["traits"] if t["trait"] == PLANTED) for run in runs]
    shifts = [owl["shift"] for owl in owls]
    ratios = [owl["probe_level"] / owl["control_level"] for owl in owls]
    found = sum(bool(run["findings"]) for run in runs)
    first = sum(bool(r["findings"]) and r["findings"][0]["trait"] == PLANTED for r in runs)
    print(
        f"{name:<36}{len(runs):>7}{found:>7}{first:>10}   {min(shifts):+.2f} to {max(shifts):+.2f}"
        f"  {min(ratios):.1f} to {max(ratios):.1f}"
    )


if __name__ == "__main__":
    main()
