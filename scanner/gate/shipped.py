"""The batteries that ship with this version: what a result is expected to have asked.

``shipped.json`` names them and their traits: to read the battery files themselves takes longer than
all the rest of a verification. `python -m scanner.gate.schemas` writes it anew.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from scanner.errors import BatteryError

FILE = Path(__file__).with_name("shipped.json")


@cache
def shipped_traits() -> Mapping[str, tuple[str, ...]]:
    """Battery id → its traits. Raises BatteryError."""
    try:
        listed = json.loads(FILE.read_text("utf-8"))
        return {battery: tuple(traits) for battery, traits in listed.items()}
    except (OSError, ValueError) as error:
        raise BatteryError(f"{FILE}: {error}; install the package again") from error
