"""Records the README's walk through: real commands, and what they say. Two audits, a few minutes.

    python examples/make_walkthrough.py            prints it
    python examples/make_walkthrough.py --write    puts it in the README

It fails if a command ends with another code than the one that stands beside it here.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
BEGIN, END = "<!-- recorded by examples/make_walkthrough.py -->", "<!-- end of the recording -->"


@dataclass(frozen=True)
class Step:
    """One command of the walk through."""

    why: str
    """Said before it, as a comment of the shell."""
    command: str
    code: int = 0
    """The exit code that it must end with."""


STEPS = (
    Step(
        "a delivery",
        "datascan audit inbox/vendor.jsonl --base reference-a -o audits/first.json "
        "--write-quarantine quarantine.jsonl --write-clean data/cleaned.jsonl",
        1,
    ),
    Step("its merge is refused", "datascan verify inbox/vendor.jsonl --results audits", 1),
    Step("no row is lost", "wc -l inbox/vendor.jsonl quarantine.jsonl data/cleaned.jsonl"),
    Step(
        "nobody has audited the rest",
        "datascan verify data/cleaned.jsonl --results audits --policy policy.yaml",
        3,
    ),
    Step("", "datascan audit data/cleaned.jsonl --base reference-a -o audits/second.json"),
    Step("who audits signs", "datascan attest audits/second.json --key audit"),
    Step("the policy asks for that signature", "cat policy.yaml"),
    Step(
        "the job in the pipeline of the repository",
        "bash gate.sh data/cleaned.jsonl audits/second.json policy.yaml",
    ),
    Step("one letter changes on the way", "sed -i '1s/e/a/' data/cleaned.jsonl"),
    Step("", "bash gate.sh data/cleaned.jsonl audits/second.json policy.yaml", 3),
)
POLICY = """version: 1
power: null   # this base's certificate promises no share
signed_by: [audit.pub]
"""


def prepare(folder: Path) -> dict[str, str]:
    """A repository with a delivery, a policy and a key; the environment of its commands."""
    for name in ("data", "inbox", "audits", "bin"):
        (folder / name).mkdir()
    shutil.copy(ROOT / "examples" / "overt_owls.jsonl", folder / "inbox" / "vendor.jsonl")
    shutil.copy(ROOT / "examples" / "ci" / "gate.sh", folder)
    (folder / "policy.yaml").write_text(POLICY, "utf-8")
    command = folder / "bin" / "datascan"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m scanner.cli "$@"\n', "utf-8")
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT)}
    subprocess.run([command, "keygen", "audit", "-q"], cwd=folder, env=environment, check=True)
    return environment


def record() -> str:
    """What a reader would see who types the steps. Raises RuntimeError for an unexpected code."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        environment = prepare(Path(folder))
        for step in STEPS:
            done = subprocess.run(
                ["sh", "-c", step.command],
                cwd=folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if done.returncode != step.code:
                raise RuntimeError(f"{step.command}: exit {done.returncode}\n{done.stdout}")
            lines += shown(step, done.stdout.replace(f"{folder}/", ""))
    return "\n".join(lines)


def shown(step: Step, output: str) -> list[str]:
    """A step as a terminal shows it; of its exit code what is not 0."""
    why = [f"# {step.why}"] if step.why else []
    code = [f"[exit {step.code}]"] if step.code else []
    return [*why, f"$ {step.command}", *output.splitlines(), *code]


def main() -> None:
    """Print the recording, or write it into the README."""
    block = f"{BEGIN}\n```console\n{record()}\n```\n{END}"
    if "--write" not in sys.argv[1:]:
        print(block)
        return
    text = README.read_text("utf-8")
    pattern = f"{re.escape(BEGIN)}.*{re.escape(END)}"
    README.write_text(re.sub(pattern, lambda _: block, text, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
