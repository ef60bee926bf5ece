"""The batteries that ship with this version: what a result is expected to have asked."""

from collections.abc import Mapping
from functools import cache

from probes.loader import BatteryFileError, load_batteries
from scanner.errors import BatteryError


@cache
def shipped_traits() -> Mapping[str, tuple[str, ...]]:
    """Battery id → its traits. Raises BatteryError."""
    try:
        return {battery.id: battery.traits for battery in load_batteries()}
    except BatteryFileError as error:
        raise BatteryError(f"{error}; install the package again") from error
