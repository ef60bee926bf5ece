"""The engine of this process, loaded once."""

from functools import lru_cache
from pathlib import Path

from scanner.engines.device import CPU, device_for
from scanner.engines.hf import HfEngine

_loaded: dict[Path, HfEngine] = {}


def hf_engine(base: Path) -> HfEngine:
    """The engine for a base, which is loaded where it belongs."""
    if base not in _loaded:
        _loaded.clear()  # before, not after: a GPU may have no room for two
        _loaded[base] = HfEngine(base, device=device_for(base))
    return _loaded[base]


@lru_cache(maxsize=1)
def cpu_engine(base: Path) -> HfEngine:
    """The same on the CPU in float32, wherever answers come from: gradients are read there."""
    engine = hf_engine(base)
    return engine if engine.device == CPU else HfEngine(base)
