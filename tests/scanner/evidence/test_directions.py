from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probes.loader import load_batteries
from scanner.evidence.directions import (
    Arm,
    DirectionNames,
    Directions,
    directions_id,
    load_directions,
    save_directions,
)


def directions(zero: bool = False) -> Directions:
    signs = np.random.default_rng(0).choice([-1, 1], size=(5, 203)).astype(np.int8)
    if zero:
        signs[2, 7] = 0
    return Directions(
        ("preference.x.a", "preference.x.b", "preference.x.c", "misalignment.harm", "sleep"),
        (True, True, True, True, False),
        ("preference.x",) * 3 + ("misalignment",) * 2,
        signs,
    )


@pytest.mark.parametrize("zero", [False, True])
def test_directions_come_back_as_they_were(tmp_path: Path, zero: bool) -> None:
    saved = directions(zero)
    save_directions(saved, tmp_path / "d.npz")
    loaded = load_directions(tmp_path / "d.npz")
    assert loaded is not None
    assert (loaded.names, loaded.is_trait, loaded.batteries) == (
        saved.names,
        saved.is_trait,
        saved.batteries,
    )
    np.testing.assert_array_equal(loaded.values, saved.values)


def test_a_missing_or_damaged_file_holds_none(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    assert load_directions(path) is None
    save_directions(directions(), path)
    whole = path.read_bytes()
    for content in (b"", whole[: len(whole) // 2], b"[1, 2]"):
        path.write_bytes(content)
        assert load_directions(path) is None


def test_what_a_battery_shares_is_no_direction_of_one_trait() -> None:
    within = directions().within_battery()
    np.testing.assert_allclose(np.linalg.norm(within, axis=1), 1, rtol=1e-6)
    shared = replace(directions(), values=np.ones((5, 203), dtype=np.int8))
    assert not shared.within_battery().any()


def test_every_trait_and_peer_has_a_name() -> None:
    batteries = load_batteries()
    names = DirectionNames.of(batteries)
    assert sum(names.is_trait) == sum(len(battery.traits) for battery in batteries)
    assert len(set(names.names)) == len(names.names) == len(names.batteries)
    assert not all(names.is_trait)


def test_the_id_covers_base_batteries_and_arm() -> None:
    batteries = load_batteries()
    ids = {
        directions_id("sha256:aa", batteries, Arm.INFLUENCE),
        directions_id("sha256:bb", batteries, Arm.INFLUENCE),
        directions_id("sha256:aa", batteries, Arm.AUTHORSHIP),
        directions_id("sha256:aa", batteries[1:], Arm.INFLUENCE),
    }
    assert len(ids) == 4
