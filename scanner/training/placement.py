"""Where and how a training runs: the CPU in fp32 with padded rows, or a GPU in bf16, packed."""

from dataclasses import dataclass, field
from pathlib import Path

import torch

from scanner.engines.device import dtype_on
from scanner.engines.hf import HfEngine
from scanner.engines.loaded import hf_engine


@dataclass(frozen=True)
class Placement:
    """What the loop is told of the device; nothing else of it differs."""

    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    dtype: torch.dtype = torch.float32
    """Of the base; adapters are always fp32."""
    packed: bool = False
    """Rows end to end; else padded on the right to the longest of their update."""
    alike: bool = False
    """Whether updates of all seeds are of like size, as copies side by side want them."""
    checked_every: int = 1
    """Updates between looks at the losses; on a GPU each look waits for the device."""
    most_bytes: int | None = None
    """That training may take of a GPU, all in all, so that vLLM has room, too; None: what is
    free."""

    def room(self, resident: int) -> int | None:
        """Bytes that training may take, the base's ``resident`` ones, which lie there already,
        among them; None on the CPU, where nothing is planned."""
        if self.device.type != "cuda":
            return None
        free, _ = torch.cuda.mem_get_info(self.device)
        # What earlier trainings of this process held is free to it, though not to others.
        unused = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(self.device)
        room = int(free) + unused + resident
        return room if self.most_bytes is None else min(room, self.most_bytes)


CPU = Placement()


def gpu(most_bytes: int | None = None) -> Placement:
    """How training runs on a GPU."""
    device = torch.device("cuda")
    return Placement(
        device,
        dtype_on(device),
        packed=True,
        alike=True,
        checked_every=32,
        most_bytes=most_bytes,
    )


def training_engine(base: Path, most_bytes: int | None = None) -> tuple[HfEngine, Placement]:
    """The base, loaded where it is trained and may answer, and how it is trained."""
    engine = hf_engine(base)
    if engine.device.type == "cpu":
        return engine, CPU
    if most_bytes is not None:  # fragments would else eat into what vLLM is to take
        _, total = torch.cuda.mem_get_info(engine.device)
        torch.cuda.set_per_process_memory_fraction(min(1.0, most_bytes / total))
    return engine, gpu(most_bytes)
