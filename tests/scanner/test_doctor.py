from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from huggingface_hub import constants

import reference_models
from scanner.bases.aliases import aliases
from scanner.doctor import (
    FLOORS,
    WANTED_FOR,
    Check,
    State,
    examine,
    installed,
    is_ready,
    torch_cuda,
)
from scanner.plan.gpus import Device, gpu_named
from tests.scanner.bases.conftest import write_checkpoint


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def checked(gpu: Device | None = None, **packages: str) -> dict[str, Check]:
    return {check.name: check for check in examine(installed() | packages, gpu)}


def test_what_the_tests_run_on_is_ready() -> None:
    checks = checked()
    assert is_ready(tuple(checks.values()))
    assert checks["torch"].state is State.FINE
    assert checks["reference-a"].found == "shipped, as recorded"


@pytest.mark.parametrize(
    ("package", "version"),
    [("torch", "2.9.1"), ("pyarrow", "23.0.0"), ("vllm", "0.17.9"), ("jinja2", "3.1.5"),
     ("ray", "2.53.0")],
)  # fmt: skip
def test_versions_below_a_security_floor_are_wrong(package: str, version: str) -> None:
    check = checked(**{package: version})[package]
    assert check.state is State.WRONG
    assert check.cure.startswith(f"pip install '{package}>=")
    assert not is_ready((check,))


def test_a_local_build_is_the_version_it_is_of() -> None:
    assert checked(torch="2.11.0+cpu")["torch"].state is State.FINE


def test_what_every_audit_needs_must_be_there() -> None:
    packages = {name: version for name, version in installed().items() if name != "peft"}
    checks = {check.name: check for check in examine(packages, None)}
    assert checks["peft"].state is State.WRONG
    assert "pip install" in checks["peft"].cure


def test_what_only_some_need_may_be_absent() -> None:
    packages = {name: v for name, v in installed().items() if name not in WANTED_FOR}
    checks = tuple(examine(packages, None))
    assert is_ready(checks)
    absent = {check.name for check in checks if check.state is State.ABSENT}
    assert set(WANTED_FOR) | {"gpu"} == absent
    assert {floor.package for floor in FLOORS if not floor.needed} == set(WANTED_FOR)


def test_a_gpu_that_torch_cannot_use_is_wrong() -> None:
    wrong = checked(gpu_named("H100"), torch="2.13.0+cpu")["gpu"]
    assert wrong.state is State.WRONG
    assert wrong.cure == "pip install --force-reinstall torch==2.13.0"
    assert checked(gpu_named("H100"), torch="2.13.0")["gpu"].found == "H100, 80 GB"


def test_a_gpu_is_told_with_its_driver_and_what_is_free() -> None:
    here = replace(gpu_named("H100"), free_gb=70.0, driver="570.86", compute=9.0)
    assert checked(here, torch="2.13.0")["gpu"].found == "H100, 80 GB (70 GB free), driver 570.86"
    old = checked(replace(here, name="T4", compute=7.5), torch="2.13.0")["gpu"]
    assert old.state is State.WRONG
    assert "compute capability 7.5; expected 8.0 or more" in old.found


@pytest.mark.parametrize(
    ("written", "cuda"),
    [("cuda: Optional[str] = '12.8'\n", "12.8"), ("cuda = '13.0'\n", "13.0"),
     ("cuda: Optional[str] = None\n", None)],
)  # fmt: skip
def test_the_cuda_that_torch_was_built_for(
    written: str, cuda: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from its file: torch takes seconds to load."""
    (tmp_path / "version.py").write_text(f"__version__ = '2.13.0'\ndebug = False\n{written}")
    spec = ModuleSpec("torch", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("scanner.doctor.find_spec", lambda name: spec)
    assert torch_cuda() == cuda


def test_a_vllm_that_was_not_tested_is_said_to_be() -> None:
    check = checked(vllm="0.26.0")["vllm"]
    assert check.state is State.ABSENT
    assert check.found == "0.26.0; 0.32.0 is the oldest that was tested"
    assert check.cure == "pip install 'vllm>=0.32,<0.33'"
    assert checked(vllm="0.32.0")["vllm"].state is State.FINE


def test_changed_weights_are_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in reference_models.NAMES:
        (tmp_path / "weights" / name).mkdir(parents=True)
        (tmp_path / "weights" / name / "SHA256SUMS").write_text("00  config.json\n")
    monkeypatch.setattr(reference_models, "WEIGHTS", tmp_path / "weights")
    assert checked()["reference-a"].state is State.WRONG


def test_bases_in_the_cache_are_named_whole_or_not(hub: Path) -> None:
    whole, half, other = (aliases()[name] for name in ("qwen2.5-7b", "qwen3-8b", "phi-4"))
    for alias, commit in ((whole, whole.revision), (half, half.revision), (other, "b" * 40)):
        folder = hub / f"models--{alias.repository.replace('/', '--')}" / "snapshots" / str(commit)
        write_checkpoint(folder, shards=True)
    for file in hub.rglob("model-00002-of-00002.safetensors"):
        if "Qwen3-8B" in str(file):
            file.unlink()
    checks = checked()
    assert checks["qwen2.5-7b"].found == f"whole in the cache at {whole.revision}"
    assert checks["qwen3-8b"].state is State.ABSENT
    assert "1 of 2 shards" in checks["qwen3-8b"].found
    assert checks["phi-4"].found == f"in the cache at {'b' * 40}"
    assert f"fetches commit {other.revision}" in checks["phi-4"].cure
    assert "gemma-3-1b" not in checks
