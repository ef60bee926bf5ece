from pathlib import Path

import pytest

from scanner.config import REAL, AuditSettings, Recipe
from scanner.engines.choice import EngineChoice, EngineName
from scanner.errors import BaseModelError
from scanner.given import SMALL_BASE, read_given, usual_recipe
from scanner.plan.room import Room
from scanner.progress import Stopwatch
from tests.conftest import EXAMPLES


def test_a_small_base_is_answered_where_its_certificate_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """vLLM on a GPU would round otherwise; asked for, it is taken."""
    monkeypatch.setattr("scanner.engines.choice.vllm_device", lambda: "cuda")
    settings = AuditSettings((EXAMPLES / "overt_owls.jsonl",), "reference-a")
    given = read_given(settings, Stopwatch())
    assert given.room == Room(2, EngineChoice(EngineName.HF, SMALL_BASE))


def test_a_real_base_is_trained_by_the_published_recipe(tmp_path: Path) -> None:
    """Fifteen times its rate would ruin it. The weights are a hole of 200 MB."""
    assert usual_recipe("reference-a") == Recipe()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * 10**8)
    assert usual_recipe(str(tmp_path)) == REAL
    with pytest.raises(BaseModelError, match="--base"):
        usual_recipe("no-such-base")
