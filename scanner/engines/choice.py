"""Which engine an audit uses, and how its jobs reach it. Loads nothing heavy before it must."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from scanner.engines.interface import Engine
from scanner.engines.service import EngineAt, EngineFacts, EngineProcess, EngineSettings
from scanner.errors import EngineError
from scanner.progress import OnRows

ASKED_FOR = "asked for"
PROBE_SECONDS = 120
PROBE = """
import json
from vllm.platforms import current_platform
print(json.dumps({"device": current_platform.device_type}))
"""
"""Run apart: what it imports would otherwise stay in the command's own process. That vllm can be
imported says nothing: its build for GPUs imports anywhere."""


class EngineName(StrEnum):
    """What the user can ask for."""

    AUTO = "auto"
    HF = "hf"
    VLLM = "vllm"


@dataclass(frozen=True)
class EngineChoice:
    """The engine, and why it."""

    name: EngineName
    """HF or VLLM."""
    reason: str

    @property
    def was_asked_for(self) -> bool:
        """Whether the user named it."""
        return self.reason == ASKED_FOR


def vllm_device() -> str | None:
    """What vLLM would run on; None without vLLM, empty where it is but has no device."""
    if find_spec("vllm") is None:
        return None
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, timeout=PROBE_SECONDS, check=True
        )
        return str(json.loads(done.stdout.splitlines()[-1])["device"])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return ""


def choose_engine(
    wanted: EngineName, device: Callable[[], str | None] = vllm_device
) -> EngineChoice:
    """The engine to use. Raises ``EngineError`` where vLLM is asked for and cannot be had."""
    if wanted == EngineName.HF:
        return EngineChoice(EngineName.HF, ASKED_FOR)
    found = device()
    if wanted == EngineName.AUTO:
        if found == "cuda":
            return EngineChoice(EngineName.VLLM, "vllm and a GPU are here")
        lacks = "vllm is not installed" if found is None else "vllm has no GPU here"
        return EngineChoice(EngineName.HF, lacks)
    if found is None:
        raise EngineError(
            "--engine vllm: found no vllm; expected it beside datascan; install it with "
            "pip install 'datascan-audit[gpu]', or give --engine hf"
        )
    if not found:
        raise EngineError(
            "--engine vllm: found vllm without a device that it can use; expected an NVIDIA GPU "
            "and its driver (nvidia-smi lists them); give --engine hf"
        )
    return EngineChoice(EngineName.VLLM, ASKED_FOR)


@dataclass(frozen=True)
class TellOwn:
    """Job: say what a worker's own engine is."""

    base: Path
    rows: int = 0

    def run(self, on_rows: OnRows) -> EngineFacts:
        """What answers."""
        from scanner.engines.loaded import hf_engine

        return hf_engine(self.base).facts


class EngineSource:
    """Where jobs get their engine: each worker has its own, of transformers. See ``VllmSource``."""

    is_apart = False
    """Whether the engine is one for all workers, whose start takes long."""

    def start(self) -> None:
        """Begin to start whatever takes long, and return at once."""

    def look(self) -> None:
        """Raise ``EngineError`` if it is known by now that it does not start; wait for nothing."""

    def ready(self) -> EngineAt | None:
        """Where the engine is, once it is; None where each worker has its own."""
        return None

    def facts(self) -> EngineFacts | None:
        """What answers; None where each worker has its own, and tells (``TellOwn``)."""
        return None

    def close(self) -> None:
        """End it."""


class VllmSource(EngineSource):
    """One engine for all workers, in a process of its own."""

    is_apart = True

    def __init__(self, settings: EngineSettings, log: Path | None) -> None:
        self._process = EngineProcess(settings, log)

    def start(self) -> None:
        """See ``EngineSource.start``."""
        self._process.start()

    def look(self) -> None:
        """See ``EngineSource.look``."""
        self._process.look()

    def ready(self) -> EngineAt | None:
        """See ``EngineSource.ready``. Raises ``EngineError``."""
        return self._process.ready()

    def facts(self) -> EngineFacts:
        """See ``EngineSource.facts``; starts the engine where nothing has been asked of it yet."""
        self._process.ready()
        assert self._process.facts is not None
        return self._process.facts

    def close(self) -> None:
        """See ``EngineSource.close``."""
        self._process.close()


def engine_source(choice: EngineChoice, settings: EngineSettings, log: Path | None) -> EngineSource:
    """The source of the chosen engine."""
    return EngineSource() if choice.name == EngineName.HF else VllmSource(settings, log)


def engine_for(base: Path, at: EngineAt | None) -> Engine:
    """The engine of this process: its own, or the line to the one that ``at`` names."""
    if at is None:
        from scanner.engines.loaded import hf_engine

        return hf_engine(base)
    from scanner.engines.remote import remote_engine

    return remote_engine(base, at)
