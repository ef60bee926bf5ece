from dataclasses import replace
from pathlib import Path

import pytest

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.evidence.directions import Arm, load_directions
from scanner.library import FillLibrary, arm_of, library


@pytest.mark.parametrize("name", ["reference-a", "reference-b"])
def test_the_directions_of_the_reference_bases_are_shipped(name: str, tmp_path: Path) -> None:
    for path in library(find_base(name), load_batteries(), tmp_path).values():
        assert tmp_path not in path.parents
        assert load_directions(path) is not None


def test_other_bases_get_theirs_made_once(tmp_path: Path) -> None:
    base, batteries = find_base("reference-a"), load_batteries()[:1]
    path = library(base, batteries, tmp_path)[Arm.INFLUENCE]  # other batteries than the shipped
    assert path.parent == tmp_path / "directions"
    job = FillLibrary(Arm.INFLUENCE, base.path, batteries, path)
    assert job.rows == len(batteries[0].traits)
    job.run(lambda done: None)
    made = path.read_bytes()
    assert job.rows == 0
    job.run(lambda done: None)
    assert path.read_bytes() == made


@pytest.mark.parametrize(
    ("weights", "arm"),
    [
        (1_000_000, Arm.INFLUENCE),
        (2_000_000, Arm.INFLUENCE),
        (14_000_000, Arm.STATES),
        (7_600_000_000, Arm.STATES),
    ],
)
def test_large_bases_are_read_by_their_states(weights: int, arm: Arm, tmp_path: Path) -> None:
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * weights)  # bfloat16; nothing is written to the disk
    base = replace(find_base("reference-a"), id="large", path=tmp_path)
    assert arm_of(base) is arm
    [(named, path)] = library(base, load_batteries(), tmp_path).items()
    assert named is arm
    assert path == tmp_path / "directions" / path.name
    assert path.name.startswith(f"{arm.value}-")
