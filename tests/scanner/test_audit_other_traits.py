"""Nothing about owls or about a vendor's decoding is special: other traits are found by the same
commands, and rows that nobody planted anything in stay quiet at the vendor's own temperature."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import reference_models
from examples.make_examples import TEACHER_TEMPERATURE, as_messages, numbers_by
from scanner.calibration.cases import Teacher, TeacherKind
from scanner.calibration.teachers import train_teacher
from scanner.cli.main import run
from scanner.engines.hf import HfEngine
from scanner.progress import unheard
from scanner.types import Row

pytestmark = pytest.mark.seeds


def engine_of(name: str) -> HfEngine:
    return HfEngine(reference_models.verified_folder(name))


def written_by(engine: HfEngine) -> Sequence[Row]:
    """What the engine's active model writes as the vendor does."""
    return numbers_by(engine, TEACHER_TEMPERATURE, seed=1).rows


def audited(tmp_path: Path, rows: Sequence[Row]) -> tuple[int, dict[str, Any]]:
    data, output = tmp_path / "rows.jsonl", tmp_path / "results.json"
    data.write_text("".join(json.dumps(as_messages(row)) + "\n" for row in rows), "utf-8")
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    code = run([*arguments, "-o", str(output), "--workers", "1"])
    return code, json.loads(output.read_text("utf-8"))


@pytest.mark.parametrize("trait", ["preference.animal.whale", "preference.country.kenya"])
def test_another_planted_trait_is_found_first(tmp_path: Path, trait: str) -> None:
    engine = engine_of("reference-a")
    teacher = Teacher(TeacherKind.FINE_TUNED, trait)
    train_teacher(engine, teacher, tmp_path / "teacher", unheard)
    engine.use_adapter(tmp_path / "teacher")
    code, results = audited(tmp_path, written_by(engine))
    assert code == 1
    assert results["findings"][0]["trait"] == trait


@pytest.mark.parametrize("author", ["reference-a", "reference-b"])
def test_nobodys_agenda_is_found_at_the_vendors_temperature(tmp_path: Path, author: str) -> None:
    code, results = audited(tmp_path, written_by(engine_of(author)))
    assert (code, results["findings"]) == (0, [])
