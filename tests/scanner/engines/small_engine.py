"""An engine that is no model, for the process it runs in: the base's name says how it behaves."""

import os
import time
from collections.abc import Sequence
from typing import NamedTuple

from scanner.engines.requests import Reply, Request
from scanner.engines.service import EngineFacts, EngineSettings
from scanner.errors import EngineError

START_SECONDS = 3


class Adding:
    """A reply's only token is the sum of the prompt's; its second says how many ran together."""

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        time.sleep(0.2)  # so that others come in meanwhile
        if any(request.tokens == (13,) for request in requests):
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB\nand a long dump")
        if any(request.tokens == (14,) for request in requests):
            raise EngineError("adapter x: found rank 9; expected 8; give --engine hf")
        if any(request.tokens == (15,) for request in requests):
            os._exit(9)
        return [Reply(tokens=(sum(request.tokens), len(requests))) for request in requests]

    def forget_all(self) -> None:
        """It holds none."""

    def close(self) -> None:
        """Nothing is held."""


class Started(NamedTuple):
    run: Adding
    facts: EngineFacts


def start(settings: EngineSettings) -> Started:
    behaviour = settings.base.name
    if behaviour == "slow":
        time.sleep(START_SECONDS)
    if behaviour == "wants a smaller rank":
        raise EngineError("engine vllm: found adapters of rank 1024; expected at most 512")
    if behaviour == "broken":
        raise ValueError("Unsupported CPU attention configuration: head_dim=16\nmore")
    if behaviour == "dies":
        os._exit(137)
    print("from the library")
    return Started(Adding(), EngineFacts("vllm", "0", "cpu", "float32"))
