"""Where and how a training runs: the CPU in fp32 with padded rows, or a GPU in bf16, packed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import torch

from scanner.engines.hf import HfEngine, hf_engine
from scanner.errors import AuditError

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
    with device_errors():
        engine.base = engine.base.to(placement.device)
    return engine


@contextmanager
def device_errors() -> Iterator[None]:
    """A GPU that is full, in use or broken when the base is laid on it is the user's to mend."""
    try:
        yield
    except RuntimeError as error:  # torch's own are all of this kind
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise AuditError(
            f"training: found that the base cannot be laid on the GPU ({said}); expected room and "
            "a GPU that nothing else holds; end what else uses it, take a larger one or a smaller "
            "base, or train on the CPU with CUDA_VISIBLE_DEVICES= before the command; finished "
            "stages are kept"
        ) from error
