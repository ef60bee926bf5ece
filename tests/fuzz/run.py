"""``python -m tests.fuzz.run --minutes 10``: look for inputs on which datascan is at fault.

Needs atheris (``pip install -e ".[fuzz]"``). Every target runs in a process of its own, one after
the other. What is found is printed, exits 1, and belongs into ``test_targets.py``.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.targets import TARGETS

OPTIONS = ("-max_len=4096", "-rss_limit_mb=2048", "-timeout=20", "-print_final_stats=1")
FIGURE = re.compile(r"stat::(number_of_executed_units|average_exec_per_sec): +(\d+)")
LAST_LINES = 60


def main() -> int:
    """Fuzz the targets that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.run")
    parser.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all, if none")
    parser.add_argument("--minutes", type=float, default=10, help="for all targets together")
    options = parser.parse_args()
    targets = options.targets or list(TARGETS)
    seconds = max(1, int(options.minutes * 60 / len(targets)))
    return max([_run(target, seconds) for target in targets])


def _run(target: str, seconds: int) -> int:
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.fuzz.one", target, folder, *OPTIONS]
        command += [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/found-"]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace")
        found = [path.read_bytes() for path in sorted(Path(folder).glob("found-*"))]
    _tell(target, done.stderr, found)
    if not found and not done.returncode:
        return 0
    for line in (done.stdout + done.stderr).splitlines()[-LAST_LINES:]:
        print(ascii(line)[1:-1])
    return 1


def _tell(target: str, said: str, found: list[bytes]) -> None:
    figures = dict(FIGURE.findall(said))
    executed, speed = figures.get("number_of_executed_units"), figures.get("average_exec_per_sec")
    print(f"{target}: {executed} executions, {speed} a second, {len(found)} found", flush=True)
    for content in found:
        print(content)


if __name__ == "__main__":
    sys.exit(main())
