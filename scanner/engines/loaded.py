"""The engine of this process, loaded once."""

from pathlib import Path

from scanner.engines.device import device_for
from scanner.engines.hf import HfEngine

_loaded: dict[Path, HfEngine] = {}


def hf_engine(base: Path) -> HfEngine:
    """The engine for a base, which is loaded where it belongs."""
    if base not in _loaded:
        _loaded.clear()  # before, not after: a GPU may have no room for two
        _loaded[base] = HfEngine(base, device=device_for(base))
    return _loaded[base]
