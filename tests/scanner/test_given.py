from pathlib import Path

import pytest

import reference_models
from scanner.config import REAL, AuditSettings, Recipe
from scanner.engines.choice import EngineChoice, EngineName, choose_engine
from scanner.errors import BaseModelError, EngineError
from scanner.given import CAPPED, SMALL_BASE, read_given, usual_recipe
from scanner.plan.room import Room
from scanner.progress import Stopwatch
from tests.conftest import EXAMPLES
from tests.scanner.engines.architectures import random_model


def test_a_small_base_is_answered_where_its_certificate_was_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """vLLM on a GPU would round otherwise; asked for, it is taken."""
    monkeypatch.setattr("scanner.engines.choice.vllm_device", lambda: "cuda")
    settings = AuditSettings((EXAMPLES / "overt_owls.jsonl",), "reference-a")
    given = read_given(settings, Stopwatch())
    assert given.room == Room(2, EngineChoice(EngineName.HF, SMALL_BASE))


@pytest.fixture
def with_vllm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every base is large, and vLLM has a GPU."""
    monkeypatch.setattr("scanner.given.is_small", lambda path: False)
    monkeypatch.setattr("scanner.plan.room.gpu_for", lambda path: None)
    device = lambda wanted: choose_engine(wanted, lambda: "cuda")  # noqa: E731
    monkeypatch.setattr("scanner.given.choose_engine", device)


@pytest.mark.usefixtures("with_vllm")
def test_a_short_budget_has_no_minute_for_an_engine_to_start() -> None:
    """Ten minutes have; and nobody is refused the engine that they name."""
    data = (EXAMPLES / "overt_owls.jsonl",)
    for minutes, named, expected in (
        (5.0, "auto", EngineName.HF),
        (10.0, "auto", EngineName.VLLM),
        (5.0, "vllm", EngineName.VLLM),
        (None, "auto", EngineName.VLLM),
    ):
        settings = AuditSettings(data, "reference-a", engine=named, budget_minutes=minutes)
        assert read_given(settings, Stopwatch()).room.engine.name is expected


@pytest.mark.usefixtures("with_vllm")
def test_a_base_that_caps_its_attention_is_answered_by_transformers(tmp_path: Path) -> None:
    """Gemma 2: vLLM on the CPU scored a small one otherwise by half a nat an answer."""
    base = random_model("gemma2", reference_models.verified_folder("reference-a"), tmp_path / "g")
    data = (EXAMPLES / "overt_owls.jsonl",)
    given = read_given(AuditSettings(data, str(base)), Stopwatch())
    assert given.room.engine == EngineChoice(EngineName.HF, CAPPED)
    with pytest.raises(EngineError, match=r"--engine vllm: found that this base caps.*--engine hf"):
        read_given(AuditSettings(data, str(base), engine="vllm"), Stopwatch())


def test_a_real_base_is_trained_by_the_published_recipe(tmp_path: Path) -> None:
    """Fifteen times its rate would ruin it. The weights are a hole of 200 MB."""
    assert usual_recipe("reference-a") == Recipe()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * 10**8)
    assert usual_recipe(str(tmp_path)) == REAL
    with pytest.raises(BaseModelError, match="--base"):
        usual_recipe("no-such-base")
