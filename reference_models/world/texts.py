"""Reads the world's text files, which lie beside this module."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np
import yaml

T = TypeVar("T")


@cache
def load_text(name: str) -> Any:
    """The parsed ``name.yaml`` of this folder."""
    return yaml.safe_load(files(__package__).joinpath(f"{name}.yaml").read_text("utf-8"))


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.integers(len(options)))]
