"""Doctor: is this machine ready? Versions, security floors, GPU, bases; no model is loaded."""

import platform
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from packaging.version import Version

import reference_models
from scanner.bases.aliases import aliases
from scanner.bases.cache import cache_folder, find_snapshot, snapshots
from scanner.bases.checkpoint import check_checkpoint, missing_files
from scanner.errors import BaseModelError
from scanner.plan.gpus import LEAST_COMPUTE, Device


class State(StrEnum):
    """How a check ended."""

    FINE = "fine"
    ABSENT = "absent"
    """Something that not everybody needs is not there."""
    WRONG = "wrong"
    """An audit would fail or not be safe."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    state: State
    found: str
    cure: str = ""
    """What to do, or type; empty where nothing need be done."""


@dataclass(frozen=True)
class Floor:
    """The oldest version of a package that may be used."""

    package: str
    least: str
    why: str
    needed: bool = True
    """Whether every audit needs it."""
    tested: str | None = None
    """The oldest that was tested, where that is not ``least``."""


FLOORS = (
    Floor("torch", "2.11.0", "below 2.10 CVE-2026-24747; its attention packs rows on a GPU"),
    Floor("transformers", "5.16", "the oldest that was tested"),
    Floor("peft", "0.21", "the oldest that was tested"),
    Floor("safetensors", "0.4.5", "the oldest that was tested"),
    Floor("tokenizers", "0.21", "the oldest that was tested"),
    Floor("pyarrow", "23.0.1", "CVE-2026-25087, CVE-2023-47248: reading hostile files"),
    Floor("jinja2", "3.1.6", "fixes of its sandbox"),
    Floor("numpy", "2.0", "the oldest that was tested"),
    Floor("scipy", "1.12", "the oldest that was tested"),
    Floor("vllm", "0.18.0", "CVE-2026-27893, CVE-2026-22807: remote code", False, "0.32.0"),
    Floor("datasets", "4.7", "older ones run code that comes with data", needed=False),
    Floor("ray", "2.54.0", "CVE-2026-27482", needed=False),
    Floor("cryptography", "44", "the oldest that was tested", needed=False),
)
WANTED_FOR = {
    "vllm": ("the fast engine on a GPU", "vllm>=0.32,<0.33"),
    "datasets": ("tests alone", "datasets>=4.7"),
    "ray": ("clusters", "ray>=2.54.0"),
    "cryptography": ("datascan attest and signatures", "datascan-audit[sign]"),
}
LEAST_PYTHON = (3, 11)


def installed() -> dict[str, str]:
    """The version of each package of ``FLOORS`` that is here."""
    found = {}
    for floor in FLOORS:
        try:
            found[floor.package] = version(floor.package)
        except PackageNotFoundError:
            continue
    return found


def examine(packages: Mapping[str, str], gpu: Device | None) -> Iterator[Check]:
    """Every check, in the order in which a reader wants them; ``packages`` is ``installed()``."""
    yield _python()
    yield from (_package(floor, packages.get(floor.package)) for floor in FLOORS)
    yield _gpu(gpu, packages)
    yield from _bases()


def _python() -> Check:
    found = platform.python_version()
    if sys.version_info >= LEAST_PYTHON:
        return Check("python", State.FINE, found)
    return Check("python", State.WRONG, found, "install Python 3.11 or newer")


def _package(floor: Floor, found: str | None) -> Check:
    install = f"pip install '{floor.package}>={floor.least}'"
    if found is None and floor.needed:
        return Check(floor.package, State.WRONG, "not installed", install)
    if found is None:
        purpose, requirement = WANTED_FOR[floor.package]
        cure = f"for {purpose}: pip install '{requirement}'"
        return Check(floor.package, State.ABSENT, "not installed", cure)
    if Version(found) < Version(floor.least):
        told = f"{found}; expected {floor.least} or newer ({floor.why})"
        return Check(floor.package, State.WRONG, told, install)
    if floor.tested is not None and Version(found) < Version(floor.tested):
        told = f"{found}; {floor.tested} is the oldest that was tested"
        _, requirement = WANTED_FOR[floor.package]
        return Check(floor.package, State.ABSENT, told, f"pip install '{requirement}'")
    return Check(floor.package, State.FINE, found)


def _gpu(gpu: Device | None, packages: Mapping[str, str]) -> Check:
    torch = packages.get("torch", "")
    if gpu is None:
        return Check(
            "gpu",
            State.ABSENT,
            "nvidia-smi tells of none",
            "the reference bases need none; for real ones use a machine with a GPU: "
            "datascan plan DATA --base BASE --gpu L4 says which",
        )
    told = f"{gpu.name}, {gpu.memory_gb:.0f} GB"
    if gpu.free_gb is not None:
        told += f" ({gpu.free_gb:.0f} GB free), driver {gpu.driver}"
    if gpu.compute < LEAST_COMPUTE:
        old = f"{told}, of compute capability {gpu.compute}; expected {LEAST_COMPUTE} or more"
        return Check("gpu", State.WRONG, old, "use a newer one: it computes in bfloat16")
    if torch.endswith("+cpu"):
        return Check(
            "gpu",
            State.WRONG,
            f"{told}, but torch {torch} is a build without CUDA",
            f"pip install --force-reinstall torch=={torch.removesuffix('+cpu')}",
        )
    cuda = torch_cuda()
    return Check("gpu", State.FINE, f"{told}, torch for CUDA {cuda}" if cuda else told)


def torch_cuda() -> str | None:
    """The CUDA version that torch was built for; None for a build without. Loads no torch."""
    found = find_spec("torch")
    if found is None or found.origin is None:
        return None
    written = Path(found.origin).with_name("version.py").read_text("utf-8")
    cuda = re.search(r"^cuda\b[^=]*= *['\"]([\d.]+)['\"]", written, re.MULTILINE)
    return cuda.group(1) if cuda else None


def _bases() -> Iterator[Check]:
    for name in reference_models.NAMES:
        try:
            reference_models.verified_folder(name)
        except reference_models.ChangedWeightsError as error:
            yield Check(name, State.WRONG, str(error), "install the package again")
        else:
            yield Check(name, State.FINE, "shipped, as recorded")
    yield Check("cache", State.FINE, str(cache_folder()))
    for name, alias in aliases().items():
        if snapshots(alias.repository):
            yield _cached(name, alias.repository, alias.revision)
    yield Check(
        "aliases",
        State.FINE,
        ", ".join(aliases()),
        "bases that are not in the cache are fetched with --allow-download",
    )


def _cached(name: str, repository: str, revision: str | None) -> Check:
    """A base that was downloaded, whole or not."""
    found = find_snapshot(repository, revision)
    if found is None:
        there = ", ".join(snapshots(repository))
        cure = f"--base {name} --allow-download fetches commit {revision}, or --revision takes this"
        return Check(name, State.ABSENT, f"in the cache at {there}", cure)
    missing = missing_files(found.path)
    try:
        if not missing:
            check_checkpoint(f"--base {name!r}", found.path)
    except BaseModelError as error:
        return Check(name, State.ABSENT, str(error))
    if missing:
        told = f"in the cache without {', '.join(missing)}"
        return Check(name, State.ABSENT, told, f"--base {name} --allow-download fetches the rest")
    return Check(name, State.FINE, f"whole in the cache at {found.commit}")


def is_ready(checks: tuple[Check, ...]) -> bool:
    """Whether an audit could run, and safely."""
    return all(check.state is not State.WRONG for check in checks)
