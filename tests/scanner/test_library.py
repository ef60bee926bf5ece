from pathlib import Path

import pytest

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.evidence.directions import Arm, load_directions
from scanner.library import FillLibrary, arms_for, library


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
    ("weights", "arms"),
    [
        (540_000, (Arm.INFLUENCE, Arm.AUTHORSHIP)),
        (50_000_000, (Arm.INFLUENCE, Arm.AUTHORSHIP)),
        (99_000_000, (Arm.INFLUENCE,)),
        (135_000_000, ()),
        (7_600_000_000, ()),
    ],
)
def test_large_bases_have_fewer_arms(weights: int, arms: tuple[Arm, ...]) -> None:
    assert arms_for(weights, tuple(Arm)) == arms
    assert arms_for(weights) == arms[:1], "audits read influence alone"
