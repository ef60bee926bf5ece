"""The process of one target: ``python -m tests.fuzz.one TARGET FOLDER``, then libFuzzer's options.

It is libFuzzer that ends the process; what it finds is written to the folder.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["scanner.dataset"]):
    from tests.fuzz import seeds, targets


def main(name: str, folder: str, *options: str) -> None:
    """Fuzz until an option or a finding ends it."""
    for number, seed in enumerate(seeds.seeds(name)):
        Path(folder, f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], folder, *options], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
