"""The small synthetic world, the models trained in it, and the trained weights.

verified_folder("reference-a")    the checkpoint's folder, its files checked against SHA256SUMS
"""

import hashlib
from pathlib import Path

WEIGHTS = Path(__file__).with_name("weights")
NAMES = ("reference-a", "reference-b")
SEEDS = {"reference-a": 1, "reference-b": 2}
"""The seed of each lineage."""
SUMS = "SHA256SUMS"


class ChangedWeightsError(Exception):
    """A shipped file is missing or is not the file that was shipped."""


def verified_folder(name: str) -> Path:
    """The folder of a reference model's checkpoint.

    Raises ``ChangedWeightsError`` if a file is missing or its SHA-256 differs from the record.
    """
    folder = WEIGHTS / name
    for line in (folder / SUMS).read_text("utf-8").splitlines():
        recorded, file = line.split("  ", 1)
        found = file_sha256(folder / file) if (folder / file).is_file() else "no such file"
        if found != recorded:
            raise ChangedWeightsError(
                f"{folder / file}: found {found}; expected SHA-256 {recorded}; "
                "install the package again"
            )
    return folder


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
