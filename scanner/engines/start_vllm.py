"""Starts vLLM and proves it exact. Runs in the engine's own process; nothing else imports it."""

import tempfile
from pathlib import Path
from typing import NamedTuple

from transformers import AutoConfig, PreTrainedConfig

from scanner.engines.proof import Runner, Setup, Trial, start_proved
from scanner.engines.service import EngineFacts, EngineSettings
from scanner.engines.trial_adapters import write_trial_adapters
from scanner.engines.vllm import VllmRunner, device_name, device_type, room_for, version
from scanner.errors import EngineError

TOLERANCE = {"float32": 1e-4, "bfloat16": 0.1}
"""Nats between two batches, on average over a prompt. Measured on two layers of a small model: 4e-6
in float32, and in bfloat16 0.06 at most and 0.01 on average."""
SHARE = {"float32": 0.0, "bfloat16": 0.25}
"""Of an adapter's change: 28 layers were found to round by 0.08 nats, 64 by 0.12, of 1.5 to 4."""
STEP_TOKENS = {"cpu": 8192, "cuda": 2048}
"""In one step; the logits of prompts come in such pieces, each over the whole vocabulary."""


class Started(NamedTuple):
    """An engine at work."""

    run: Runner
    facts: EngineFacts


def start(settings: EngineSettings) -> Started:
    """An engine whose mixed batches are proved exact. Raises ``EngineError``."""
    device, rank = device_type(), room_for(settings.rank)
    if device not in STEP_TOKENS:
        raise EngineError(
            "engine vllm: found vllm without a device that it can use; expected an NVIDIA GPU and "
            "its driver; give --engine hf"
        )
    config = AutoConfig.from_pretrained(
        settings.base, local_files_only=True, trust_remote_code=False
    ).get_text_config()
    context, dtype = _context(settings, config), _dtype(device)
    most = settings.adapters
    first = Setup(most, rank, most, chunked=device != "cpu", batch_tokens=STEP_TOKENS[device])
    with tempfile.TemporaryDirectory(prefix="datascan-") as folder:
        adapters = write_trial_adapters(settings.base, Path(folder), most, settings.rank)
        trial = Trial(int(config.vocab_size), context, adapters, TOLERANCE[dtype], SHARE[dtype])
        proved = start_proved(
            lambda setup: VllmRunner(settings.base, context, dtype, setup, settings.memory_bytes),
            first,
            trial,
        )
        proved.run.forget_all()
    facts = EngineFacts("vllm", version(), device_name(), dtype, proved.cures)
    return Started(proved.run, facts)


def _context(settings: EngineSettings, config: PreTrainedConfig) -> int:
    """No longer than what is asked: a base of 131,072 tokens would keep room for one such row."""
    most = int(config.max_position_embeddings)
    return most if settings.context is None else min(most, settings.context)


def _dtype(device: str) -> str:
    """float32 on the CPU, else bfloat16, as what is trained there."""
    return "float32" if device == "cpu" else "bfloat16"
