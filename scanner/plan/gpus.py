"""Where an audit could run: the GPUs of ``gpus.yaml``, and the one of this machine."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from scanner.engines.memory import is_small
from scanner.errors import AuditError

TABLE = Path(__file__).with_name("gpus.yaml")
CPU_GFLOPS = 60.0
"""fp32 matrix products per second and core; 50 to 95 were measured."""
SMI = (
    "nvidia-smi",
    "--query-gpu=name,memory.total,memory.free,compute_cap,driver_version",
    "--format=csv,noheader,nounits",
)
LEAST_COMPUTE = 8.0
"""Compute capability (Ampere) from which GPUs compute in bfloat16."""
MIB_IN_GB = 1.048576e6 / 1e9
PROBE = """
import json, torch
found = None
if torch.cuda.is_available():
    free, total = torch.cuda.mem_get_info()
    major, minor = torch.cuda.get_device_capability()
    name = torch.cuda.get_device_name()
    found = {"name": name, "memory": total, "free": free, "compute": major + minor / 10}
print(json.dumps(found))
"""
"""Run apart: the command's own process loads no torch, and takes no GPU memory."""
PROBE_SECONDS = 120
VISIBLE = "CUDA_VISIBLE_DEVICES"


@dataclass(frozen=True)
class Device:
    """What trains and answers."""

    name: str
    memory_gb: float | None
    """10^9 bytes; None for the machine's own memory, which is not planned."""
    bf16_tflops: float | None
    """Dense, by the data sheet; None where it is not known."""
    bandwidth_gb_s: float | None
    matches: tuple[str, ...] = ()
    """Parts of the names that nvidia-smi gives it."""
    free_gb: float | None = None
    """What nothing else holds of it now; None where it is not this machine's."""
    compute: float = LEAST_COMPUTE
    """Its compute capability; all of the table have enough."""
    driver: str = ""
    """The version of its driver; empty where it is not this machine's."""

    @property
    def is_gpu(self) -> bool:
        """Whether it has memory of its own."""
        return self.memory_gb is not None

    @property
    def room(self) -> int | None:
        """Bytes that an audit may take; None on the CPU, where nothing is planned."""
        gigabytes = self.memory_gb if self.free_gb is None else self.free_gb
        return None if gigabytes is None else int(gigabytes * 1e9)


@cache
def known_gpus() -> tuple[Device, ...]:
    """The table, largest memory first."""
    written = yaml.safe_load(TABLE.read_text("utf-8"))
    found = TypeAdapter(tuple[Device, ...]).validate_python(written)
    return tuple(sorted(found, key=lambda gpu: -(gpu.memory_gb or 0)))


def gpu_named(name: str) -> Device:
    """The GPU of that name, whatever its case and dashes. Raises ``AuditError``."""
    wanted = _plain(name)
    exact = [gpu for gpu in known_gpus() if _plain(gpu.name) == wanted]
    near = exact or [gpu for gpu in known_gpus() if wanted and wanted in _plain(gpu.name)]
    if len(near) == 1:
        return near[0]
    found = f"{len(near)} of that name" if near else "no such GPU"
    names = ", ".join(gpu.name for gpu in near or known_gpus())
    raise AuditError(f"--gpu {name!r}: found {found}; expected one of {names}; name one of them")


def cpu(workers: int) -> Device:
    """Cores of this machine, one per worker."""
    return Device(f"CPU ({workers} cores)", None, CPU_GFLOPS * workers / 1000, None)


def this_gpu() -> Device | None:
    """The first GPU of this machine that programs may use, as nvidia-smi tells; None where there
    is none."""
    first = os.environ.get(VISIBLE, "0").split(",")[0].strip()
    if shutil.which(SMI[0]) is None or first in ("", "-1"):
        return None
    asked = [*SMI, f"--id={first}"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout
        name, total, free, compute, driver = told.strip().split("\n")[0].rsplit(",", 4)
        found = _recognised(name.strip(), float(total) * MIB_IN_GB, float(free) * MIB_IN_GB)
        return replace(found, compute=float(compute), driver=driver.strip())
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def torch_gpu() -> Device | None:
    """The GPU that workers will find; None where torch has none."""
    try:
        asked = [sys.executable, "-c", PROBE]
        done = subprocess.run(asked, capture_output=True, timeout=PROBE_SECONDS, check=True)
        told = json.loads(done.stdout.splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
    if told is None:
        return None
    found = _recognised(told["name"], told["memory"] / 1e9, told["free"] / 1e9)
    return replace(found, compute=told["compute"])


def gpu_for(base: Path) -> Device | None:
    """The GPU that a base in a folder is laid on; None where it stays on the CPU.

    Raises ``AuditError`` for one that is too old, or that is there and that torch cannot use: a
    real base would take days on the CPU, and nobody would be told why.
    """
    if is_small(base):
        return None
    gpu = torch_gpu()
    if gpu is None and (idle := this_gpu()) is not None:
        raise AuditError(
            f"{idle.name}: found a GPU that torch {version('torch')} cannot use; expected one that "
            "it was built for, and a driver that is new enough; datascan doctor says more; or stay "
            f"on the CPU with {VISIBLE}= before the command"
        )
    if gpu is not None and gpu.compute < LEAST_COMPUTE:
        raise AuditError(
            f"{gpu.name}: found a GPU of compute capability {gpu.compute}; expected "
            f"{LEAST_COMPUTE} or more, which compute in bfloat16; use another one, or stay on the "
            f"CPU with {VISIBLE}= before the command"
        )
    return gpu


def processes(workers: int, gpu: Device | str | None) -> int:
    """So many work side by side: on a GPU one, for a second would hold a second base there."""
    return workers if gpu is None else 1


def _recognised(name: str, memory_gb: float, free_gb: float) -> Device:
    """The GPU with its data sheet's speed, and the memory that this one really has."""
    for gpu in known_gpus():
        if any(re.search(rf"\b{re.escape(part)}\b", name) for part in gpu.matches):
            return replace(gpu, name=name, memory_gb=memory_gb, free_gb=free_gb)
    return Device(name, memory_gb, None, None, free_gb=free_gb)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
