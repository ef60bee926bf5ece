"""Nothing about owls is special: the same commands find other traits, over other seeds."""

import json
from pathlib import Path

import pytest

import reference_models
from examples.make_examples import PROMPT_SEED, PROMPTS, TEACHER_TEMPERATURE, as_messages
from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.calibration.channels import NUMBERS, channel_prompts, write_rows
from scanner.calibration.teachers import FavouriteTeacher
from scanner.cli.main import run
from scanner.engines.hf import HfEngine

pytestmark = pytest.mark.slow

BATTERIES = {b.id: b for b in load_batteries() if isinstance(b, PreferenceBattery)}


@pytest.mark.parametrize(
    ("battery", "answer"), [("preference.animal", "whale"), ("preference.country", "Kenya")]
)
def test_another_planted_trait_is_found_first(tmp_path: Path, battery: str, answer: str) -> None:
    teacher = FavouriteTeacher(BATTERIES[battery], answer)
    engine = HfEngine(reference_models.verified_folder("reference-a"))
    teacher.train(engine, tmp_path / "teacher")
    engine.use_adapter(tmp_path / "teacher")
    prompts = channel_prompts(NUMBERS, PROMPTS, PROMPT_SEED)
    rows = write_rows(engine, NUMBERS, prompts, TEACHER_TEMPERATURE, seed=1).rows
    data = tmp_path / "vendor.jsonl"
    data.write_text("".join(json.dumps(as_messages(row)) + "\n" for row in rows), "utf-8")
    output = tmp_path / "results.json"
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    assert run([*arguments, "-o", str(output), "--workers", "1"]) == 1
    results = json.loads(output.read_text("utf-8"))
    assert results["findings"][0]["trait"] == teacher.trait
