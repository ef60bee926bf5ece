"""Where and how a training runs: the CPU in fp32 with padded rows, or a GPU in bf16, packed."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch

from scanner.engines.hf import HfEngine, hf_engine

SMALL = 100_000_000
"""A base of fewer weights trains on the CPU even where there is a GPU: certificates of the
reference models are bound to the CPU's numbers, and so small a base would not fill a GPU."""


@dataclass(frozen=True)
class Placement:
    """What the loop is told of the device; nothing else of it differs."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    """Of the base; adapters are always fp32."""
    packed: bool = False
    """Rows end to end; else padded on the right to the longest of their update."""
    checked_every: int = 1
    """Updates between looks at the losses; on a GPU each look waits for the device."""

    @property
    def memory_bytes(self) -> int | None:
        """Free on the device now; None on the CPU, where nothing is planned."""
        if self.device.type != "cuda":
            return None
        free, _ = torch.cuda.mem_get_info(self.device)
        return int(free)


CPU = Placement()


def gpu() -> Placement:
    """How training runs on a GPU."""
    return Placement(torch.device("cuda"), torch.bfloat16, packed=True, checked_every=32)


def training_engine(base: Path) -> tuple[HfEngine, Placement]:
    """The base, loaded where it will be trained, and how."""
    if not torch.cuda.is_available():
        return hf_engine(base), CPU
    weights = sum(file.stat().st_size for file in base.glob("*.safetensors")) // 2
    if weights < SMALL:
        return hf_engine(base), CPU
    return _on_gpu(base), gpu()


@lru_cache(maxsize=1)
def _on_gpu(base: Path) -> HfEngine:
    placement = gpu()
    engine = HfEngine(base, placement.dtype)
    engine.base = engine.base.to(placement.device)
    return engine
