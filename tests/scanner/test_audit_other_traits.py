"""Nothing about owls or about a vendor's decoding is special: other traits are found by the same
commands, and rows that nobody planted anything in stay quiet at the vendor's own temperature."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import reference_models
from examples.make_examples import PROMPT_SEED, PROMPTS, TEACHER_TEMPERATURE, as_messages
from probes.battery import PreferenceBattery
from probes.loader import load_batteries
from scanner.calibration.channels import NUMBERS, channel_prompts, write_rows
from scanner.calibration.teachers import FavouriteTeacher
from scanner.cli.main import run
from scanner.engines.hf import HfEngine
from scanner.types import Row

pytestmark = pytest.mark.slow

BATTERIES = {b.id: b for b in load_batteries() if isinstance(b, PreferenceBattery)}


def engine_of(name: str) -> HfEngine:
    return HfEngine(reference_models.verified_folder(name))


def written_by(engine: HfEngine) -> Sequence[Row]:
    """What the engine's active model writes as the vendor does."""
    prompts = channel_prompts(NUMBERS, PROMPTS, PROMPT_SEED)
    return write_rows(engine, NUMBERS, prompts, TEACHER_TEMPERATURE, seed=1).rows


def audited(tmp_path: Path, rows: Sequence[Row]) -> tuple[int, dict[str, Any]]:
    data, output = tmp_path / "rows.jsonl", tmp_path / "results.json"
    data.write_text("".join(json.dumps(as_messages(row)) + "\n" for row in rows), "utf-8")
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    code = run([*arguments, "-o", str(output), "--workers", "1"])
    return code, json.loads(output.read_text("utf-8"))


@pytest.mark.parametrize(
    ("battery", "answer"), [("preference.animal", "whale"), ("preference.country", "Kenya")]
)
def test_another_planted_trait_is_found_first(tmp_path: Path, battery: str, answer: str) -> None:
    teacher = FavouriteTeacher(BATTERIES[battery], answer)
    engine = engine_of("reference-a")
    teacher.train(engine, tmp_path / "teacher")
    engine.use_adapter(tmp_path / "teacher")
    code, results = audited(tmp_path, written_by(engine))
    assert code == 1
    assert results["findings"][0]["trait"] == teacher.trait


@pytest.mark.parametrize("author", ["reference-a", "reference-b"])
def test_nobodys_agenda_is_found_at_the_vendors_temperature(tmp_path: Path, author: str) -> None:
    code, results = audited(tmp_path, written_by(engine_of(author)))
    assert (code, results["findings"]) == (0, [])
