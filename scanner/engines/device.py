"""Where a base lies: on the CPU in float32 or, a large one, on a GPU in bfloat16."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from scanner.engines.memory import is_small
from scanner.errors import AuditError

CPU = torch.device("cpu")


def device_for(base: Path) -> torch.device:
    """A GPU where there is one, unless the base is too small for it."""
    if torch.cuda.is_available() and not is_small(base):
        return torch.device("cuda")
    return CPU


def dtype_on(device: torch.device) -> torch.dtype:
    """Of a base's weights there."""
    return torch.float32 if device.type == "cpu" else torch.bfloat16


@contextmanager
def device_errors() -> Iterator[None]:
    """A GPU that is full, in use or broken is the user's to mend."""
    try:
        yield
    except RuntimeError as error:  # torch's own are all of this kind
        said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise AuditError(
            f"the base on the GPU: found that it cannot go on ({said}); expected room and a GPU "
            "that nothing else holds; end what else uses it, then repeat the command: finished "
            "stages are kept; or take a larger one or a smaller base, or begin anew on the CPU "
            "with CUDA_VISIBLE_DEVICES= before the command"
        ) from error


def is_out_of_memory(error: AuditError) -> bool:
    """Of the device, as ``device_errors`` tells it: fewer at once may fit."""
    return isinstance(error.__cause__, torch.OutOfMemoryError)


@contextmanager
def deterministic() -> Iterator[None]:
    """Within, a GPU gives the same numbers each time; what has no such kernel warns."""
    deterministic_settings: Any = torch.utils.deterministic
    deterministic_settings.fill_uninitialized_memory = False  # it only slows
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(mode=False)
