import json
import os
from pathlib import Path

import pytest

from scanner.errors import AuditError
from scanner.plan.gpus import (
    gpu_for,
    gpu_named,
    known_gpus,
    processes,
    this_gpu,
    torch_gpu,
)


def test_the_table_holds_what_people_have() -> None:
    names = {gpu.name for gpu in known_gpus()}
    assert {"H200", "H100", "A100-80GB", "A100-40GB", "L4", "RTX-4090", "RTX-3090"} <= names
    for gpu in known_gpus():
        assert gpu.is_gpu
        assert gpu.bf16_tflops
        assert gpu.bandwidth_gb_s
        assert gpu.matches


@pytest.mark.parametrize(
    ("name", "found"),
    [("h200", "H200"), ("rtx 4090", "RTX-4090"), ("4090", "RTX-4090"), ("L4", "L4"),
     ("a100-80gb", "A100-80GB")],
)  # fmt: skip
def test_a_gpu_is_found_however_it_is_written(name: str, found: str) -> None:
    assert gpu_named(name).name == found


@pytest.mark.parametrize(
    ("name", "told"), [("A100", "found 2 of that name.*A100-80GB, A100-40GB"),
                       ("TPU", "found no such GPU; expected one of B200"), ("", "no such GPU")]
)  # fmt: skip
def test_a_gpu_that_is_not_found(name: str, told: str) -> None:
    with pytest.raises(AuditError, match=told):
        gpu_named(name)


def smi(folder: Path, monkeypatch: pytest.MonkeyPatch, prints: str, code: int = 0) -> None:
    """A program of nvidia-smi's name that prints this."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\nprintf '{prints}'\nexit {code}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def test_this_machines_gpu_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is the card's own: 143,771 MiB are 150.8 GB."""
    smi(
        tmp_path,
        monkeypatch,
        "NVIDIA H200, 143771, 143000, 9.0, 570.86\\nNVIDIA H200, 143771, 9, 9.0, 570.86\\n",
    )
    found = this_gpu()
    assert found is not None
    assert (found.name, found.bf16_tflops) == ("NVIDIA H200", 989)
    assert found.memory_gb == pytest.approx(150.8, abs=0.1)
    assert found.room == pytest.approx(149.9e9, rel=1e-3), "what is free"
    assert (found.compute, found.driver) == (9.0, "570.86")


def test_a_gpu_that_the_table_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(tmp_path, monkeypatch, "NVIDIA Strange, 9, 8192, 8000, 8.9, 570.86\\n")
    found = this_gpu()
    assert found is not None
    assert found.bf16_tflops is None


@pytest.mark.parametrize(("prints", "code"), [("", 0), ("No devices were found\\n", 6)])
def test_no_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, prints: str, code: int) -> None:
    smi(tmp_path, monkeypatch, prints, code)
    assert this_gpu() is None


def test_l40s_is_no_l4(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    smi(tmp_path, monkeypatch, "NVIDIA L40S, 46068, 45000, 8.9, 570.86\\n")
    found = this_gpu()
    assert found is not None
    assert found.bf16_tflops == 362


@pytest.mark.parametrize("hidden", ["", "-1"])
def test_a_gpu_that_programs_may_not_use_is_none(
    hidden: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi(tmp_path, monkeypatch, "NVIDIA H200, 143771, 143000, 9.0, 570.86\\n")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
    assert this_gpu() is None


def test_of_several_the_one_that_programs_may_use_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\nfor given; do last=$given; done\n"
        'test "$last" = --id=3 && echo "NVIDIA L4, 23034, 22000, 8.9, 570.86"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,1")
    found = this_gpu()
    assert found is not None
    assert found.name == "NVIDIA L4"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A base of 100 million weights of two bytes; the file is a hole."""
    folder = tmp_path / "base"
    folder.mkdir()
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate(2 * 10**8)
    return folder


def torch_sees(monkeypatch: pytest.MonkeyPatch, **told: object) -> None:
    """What a process that asks torch prints."""
    printed = json.dumps(told or None)
    monkeypatch.setattr("scanner.plan.gpus.PROBE", f"print('a warning'); print({printed!r})")


def test_a_small_base_is_laid_on_no_gpu_and_a_large_one_is(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch_sees(monkeypatch, name="NVIDIA H200", memory=150_000_000_000, free=9e10, compute=9.0)
    found = gpu_for(large)
    assert found is not None
    assert (found.name, found.memory_gb, found.room) == ("NVIDIA H200", 150.0, 90 * 10**9)
    with (large / "model.safetensors").open("wb") as file:
        file.truncate(2 * 10**8 - 2)
    assert gpu_for(large) is None


def test_without_a_gpu_a_large_base_stays_on_the_cpu(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    smi(tmp_path, monkeypatch, "No devices were found\\n", 6)
    torch_sees(monkeypatch)
    assert gpu_for(large) is None
    monkeypatch.setattr("scanner.plan.gpus.PROBE", "raise SystemExit('no torch')")
    assert gpu_for(large) is None


def test_what_torch_says_here_is_what_it_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe itself runs; where the tests run there is no GPU or it is told."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert torch_gpu() is None


def test_a_gpu_that_torch_cannot_use_is_one_line(
    large: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too old a driver, or a build without CUDA: days on the CPU, and nobody told why."""
    smi(tmp_path, monkeypatch, "NVIDIA L4, 23034, 22000, 8.9, 450.80\\n")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    torch_sees(monkeypatch)
    with pytest.raises(AuditError, match=r"^NVIDIA L4: found a GPU that torch .* cannot use"):
        gpu_for(large)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert gpu_for(large) is None, "the way out"


def test_a_gpu_without_bfloat16_is_one_line(large: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch_sees(monkeypatch, name="Tesla T4", memory=16_000_000_000, free=15e9, compute=7.5)
    with pytest.raises(AuditError) as raised:
        gpu_for(large)
    assert str(raised.value) == (
        "Tesla T4: found a GPU of compute capability 7.5; expected 8.0 or more, which compute in "
        "bfloat16; use another one, or stay on the CPU with CUDA_VISIBLE_DEVICES= before the "
        "command"
    )


def test_on_a_gpu_one_process_works() -> None:
    assert processes(4, None) == 4
    assert processes(4, gpu_named("L4")) == 1
