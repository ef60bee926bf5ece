"""Which copies are trained, under which names, and how many in one job."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import reference_models
from scanner.config import Recipe
from scanner.executors.inline import InlineExecutor
from scanner.progress import Silent, Stopwatch, unheard
from scanner.run import RunFolder
from scanner.steps import Steps
from scanner.training.copies import TrainCopies
from scanner.training.passes import ALL, Part
from scanner.trainings import Trainings
from scanner.twin import Twin
from scanner.types import Message, Row

BASE = reference_models.verified_folder("reference-a")
ROWS = tuple(Row(n, (Message("user", f"{n} 2"),), str(n)) for n in range(1, 9))
TWINS = [Twin(tuple(str(seed + n) for n in range(8)), 0, 0) for seed in (0, 1)]
RECIPE = Recipe(epochs=2, rows_per_step=4)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    (tmp_path / "jobs").mkdir()
    return RunFolder(tmp_path)


def trainings(run: RunFolder, side_by_side: int = 1, part: Part = ALL) -> Trainings:
    training = TrainCopies(BASE, ROWS, (), RECIPE, part=part)
    return Trainings(run, training, (0, 1), "", side_by_side)


def sizes(made: Trainings) -> list[int]:
    wanted = {**made.controls(TWINS), **made.probes()}
    return [len(job.places) for job in made.jobs(wanted)]


def test_a_pair_differs_in_its_answers_alone(run: RunFolder) -> None:
    made = trainings(run)
    controls, probes = made.controls(TWINS), made.probes()
    assert list(controls) == ["control-0", "control-1"]
    assert list(probes) == ["probe-0", "probe-1"]
    assert controls["control-1"].answers == TWINS[1].answers
    assert probes["probe-1"].answers == tuple(row.answer for row in ROWS)
    assert [copy.seed for copy in (*controls.values(), *probes.values())] == [0, 1, 0, 1]


def test_what_is_missing_is_trained_side_by_side_and_what_is_there_is_left(run: RunFolder) -> None:
    assert sizes(trainings(run)) == [1, 1, 1, 1]
    assert sizes(trainings(run, 2)) == [2, 2]
    assert sizes(trainings(run, 3)) == [3, 1]
    two = trainings(run, 2)
    [probes] = two.jobs(two.probes())
    assert probes.rows == 2 * 8 * 2
    probes.run(unheard)
    assert sizes(two) == [1, 1, 2], "a copy that is there, again, and both controls"
    assert [job.rows for job in two.jobs(two.probes())] == [0, 0]


def test_a_copy_that_paused_has_a_name_of_its_own_and_goes_on_under_its_own(
    run: RunFolder,
) -> None:
    paused, gone_on = trainings(run, part=Part(stop=1)), trainings(run, part=Part(start=1))
    assert list(paused.probes()) == ["probe-0-pass-1", "probe-1-pass-1"]
    probe = gone_on.probes()["probe-0"]
    assert probe.begun == paused.probes()["probe-0-pass-1"].adapter
    [first, *_], [rest, *_] = (made.jobs(made.probes()) for made in (paused, gone_on))
    assert (first.rows, rest.rows) == (8, 8)


def test_side_by_side_an_audit_has_the_copies_that_it_has_one_by_one(tmp_path: Path) -> None:
    found = []
    for side_by_side in (1, 2):
        folder = tmp_path / str(side_by_side)
        (folder / "jobs").mkdir(parents=True)
        steps = Steps(InlineExecutor(), RunFolder(folder), Silent(), Stopwatch())
        steps = replace(steps, side_by_side=side_by_side)
        adapters = steps.train(BASE, ROWS, TWINS, (0, 1), RECIPE)
        assert [path.name for path in adapters] == ["control-0", "control-1", "probe-0", "probe-1"]
        found.append([load_file(path / "adapter_model.safetensors") for path in adapters])
    for alone, together in zip(*found, strict=True):
        for name, weight in alone.items():
            torch.testing.assert_close(together[name], weight, atol=2e-3, rtol=0)
