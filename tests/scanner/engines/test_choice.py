"""Which engine is chosen, and what is said where the wish cannot be had."""

import sys
from pathlib import Path

import pytest

from scanner.engines.choice import EngineChoice, EngineName, choose_engine, vllm_device
from scanner.errors import EngineError


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (None, EngineChoice(EngineName.HF, "vllm is not installed")),
        ("", EngineChoice(EngineName.HF, "vllm has no GPU here")),
        ("cpu", EngineChoice(EngineName.HF, "vllm has no GPU here")),
        ("cuda", EngineChoice(EngineName.VLLM, "vllm and a GPU are here")),
    ],
)
def test_auto_takes_vllm_where_it_has_a_gpu(device: str | None, expected: EngineChoice) -> None:
    assert choose_engine(EngineName.AUTO, lambda: device) == expected


def test_a_wish_is_fulfilled_where_it_can_be() -> None:
    for device in ("cpu", "cuda"):
        assert choose_engine(EngineName.VLLM, lambda device=device: device).name == EngineName.VLLM
    assert choose_engine(EngineName.HF, lambda: "cuda").name == EngineName.HF


@pytest.mark.parametrize(("device", "cure"), [(None, "pip install"), ("", "nvidia-smi")])
def test_a_wish_that_cannot_be_fulfilled_is_one_line(device: str | None, cure: str) -> None:
    with pytest.raises(EngineError, match=rf"^--engine vllm: found .*{cure}.*--engine hf$"):
        choose_engine(EngineName.VLLM, lambda: device)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("device_type = 'cuda'", "cuda"), ("device_type = ''", ""), ("x", "")],
)
def test_that_vllm_can_be_imported_says_nothing(
    platform: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its build for GPUs imports anywhere, and one that does not even import has no device."""
    package = tmp_path / "vllm"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "platforms.py").write_text(f"class current_platform:\n    {platform}\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delitem(sys.modules, "vllm", raising=False)
    assert vllm_device() == expected
