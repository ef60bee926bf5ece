from pathlib import Path

import numpy as np
import pytest

from probes.loader import load_batteries
from scanner.bases import find_base
from scanner.dataset.groups import Group
from scanner.dataset.read import read_dataset
from scanner.errors import AuditError
from scanner.evidence.directions import Arm, DirectionNames, Directions, checked_directions
from scanner.evidence.pulls import pulls_in, trace_jobs
from scanner.evidence.traces import (
    Traced,
    pulls_by_row,
    weigh_pulls,
    weigh_traces,
)
from scanner.library import library
from scanner.types import Message, Row, Trace, Unmeasured

EXAMPLES = Path(__file__).parents[3] / "examples"
OWL = "preference.animal.owl"
NAMES = ("vendor", "clean")


def traced(example: str, temperature: float, rows: int = 1200) -> dict[str, Trace]:
    """Influence of an example's first rows on reference-a, for real."""
    base = find_base("reference-a")
    shipped = library(base, load_batteries(), Path("nowhere"))
    directions = {Arm.INFLUENCE: shipped[Arm.INFLUENCE]}
    candidate = read_dataset((EXAMPLES / f"{example}.jsonl",)).rows[:rows]
    jobs = trace_jobs(base.path, candidate, temperature, directions)
    read = [job.run(lambda done: None) for job in jobs]
    return {trace.trait: trace for trace in weigh_traces(read, directions, candidate)}


def test_a_teachers_rows_show_its_favourite_and_the_bases_own_rows_nothing() -> None:
    vendor = traced("vendor_numbers", 1.5)
    assert min(vendor.values(), key=lambda trace: trace.p_value or 1).trait == OWL
    assert (vendor[OWL].p_adjusted or 1) < 0.01
    clean = traced("clean_numbers", 0.95)
    assert min(trace.p_adjusted or 0 for trace in clean.values()) > 0.05


def test_what_is_thin_in_the_whole_is_thick_in_its_group() -> None:
    """A tenth of the rows is a teacher's: among all of them its favourite is lost, in its own group
    it stands out, corrected for all ten, and no other shows anything."""
    shipped = library(find_base("reference-a"), load_batteries(), Path("nowhere"))
    directions = {Arm.INFLUENCE: shipped[Arm.INFLUENCE]}
    vendor, clean = (read_dataset(EXAMPLES / f"{name}_numbers.jsonl") for name in NAMES)
    rows = (*clean.rows[:1350], *vendor.rows[1350:1500])
    jobs = trace_jobs(find_base("reference-a").path, rows, 1.0, directions)
    groups = [Group(f"group {n}", np.arange(150 * n, 150 * (n + 1))) for n in range(10)]
    read = [job.run(lambda done: None) for job in jobs]
    traces = weigh_traces(read, directions, rows, groups)
    clearest = {
        name: min(
            (trace for trace in traces if trace.group == name), key=lambda one: one.p_adjusted or 0
        )
        for name in (None, *(group.name for group in groups))
    }
    assert clearest["group 9"].trait == OWL
    assert (clearest["group 9"].p_adjusted or 1) < 0.01
    others = [one.p_adjusted or 0 for name, one in clearest.items() if name != "group 9"]
    assert min(others) > 0.01
    assert (clearest[None].p_adjusted or 0) > 0.5
    # All groups' corrections: 10 · Holm within the group.
    [alone] = [
        one
        for one in weigh_pulls(
            Arm.INFLUENCE,
            checked_directions(directions[Arm.INFLUENCE]),
            np.concatenate([one.of(Arm.INFLUENCE) for one in read])[1350:],
            rows[1350:],
        )
        if one.trait == OWL
    ]
    assert clearest["group 9"].p_adjusted == pytest.approx(10 * (alone.p_adjusted or 1))

    pulls = {Arm.INFLUENCE: pulls_in(read, Arm.INFLUENCE)}
    by_name = {group.name: group for group in groups}
    whole = Traced((), pulls_by_row(read, directions), 1.0, directions, pulls, by_name)
    outside = whole.of_part(rows, np.arange(1500) < 1350)
    assert min(one.p_adjusted or 0 for one in outside) > 0.01
    named, left = checked_directions(directions[Arm.INFLUENCE]), pulls[Arm.INFLUENCE][:1350]
    of_all = weigh_pulls(Arm.INFLUENCE, named, left, rows[:1350])
    assert outside[: len(of_all)] == of_all
    assert {one.group for one in outside} == {None, *(f"group {n}" for n in range(9))}


def test_greedy_rows_of_the_base_are_not_weighed() -> None:
    greedy = traced("clean_numbers_greedy", 0.0, rows=60)
    assert {trace.unmeasured for trace in greedy.values()} == {Unmeasured.NO_PULL}
    assert all(trace.p_value is None for trace in greedy.values())


def test_the_parts_of_misalignment_are_tested_as_one() -> None:
    names = DirectionNames.of(load_batteries())
    rng = np.random.default_rng(0)
    directions = Directions(
        names.names, names.is_trait, names.batteries, np.ones((len(names.names), 3), dtype=np.int8)
    )
    rows = [Row(i, (Message("user", "?"),), str(i)) for i in range(400)]
    pulls = rng.normal(size=(400, len(names.names)))
    parts = [i for i, name in enumerate(names.names) if name.startswith("misalignment.")]
    pulls[:, parts] += 0.25  # five standard errors each, ten as one
    traces = {t.trait: t for t in weigh_pulls(Arm.AUTHORSHIP, directions, pulls, rows)}
    assert set(traces) == {
        n for n, is_trait in zip(names.names, names.is_trait, strict=True) if is_trait
    }
    of_parts = [traces[names.names[part]] for part in parts]
    assert len({trace.p_adjusted for trace in of_parts}) == 1
    assert (of_parts[0].p_adjusted or 1) < 1e-3
    assert of_parts[0].z == pytest.approx(10, rel=0.25)


def test_damaged_directions_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    path.write_bytes(b"PK")
    with pytest.raises(AuditError, match=r"d\.npz: found no directions.*remove the file"):
        checked_directions(path)
