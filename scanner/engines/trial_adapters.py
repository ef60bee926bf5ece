"""Made-up adapters for the start-up proof: random, and so strong that nobody can overlook them."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

LINEAR = (
    "q_proj",
    "k_proj",
    "v_proj",
    "o_proj",
    "qkv_proj",
    "gate_proj",
    "up_proj",
    "down_proj",
    "gate_up_proj",
    "query_key_value",
    "dense",
    "dense_h_to_4h",
    "dense_4h_to_h",
)
"""Names of linear layers that carry adapters, over the usual architectures."""
NOT_TEXT = ("visual", "vision", "audio", "experts")
"""Parts of a model whose adapters, if any, are built otherwise."""
STRENGTH = 0.5
"""Standard deviation of what an adapter adds to an output, for inputs of about one."""


def write_trial_adapters(base: Path, folder: Path, count: int, rank: int) -> tuple[Path, ...]:
    """Write ``count`` PEFT folders that fit the base; none if no layer of it is known.

    Only the headers of the base's weights are read.
    """
    layers = list(_linear_layers(base))
    if not layers:
        return ()
    rng = np.random.default_rng(9)
    adapters = []
    for number in range(count):
        weights = {}
        for name, (out, within) in layers:
            # float32: what a checkpoint on disk has is the engine's to convert
            down = rng.normal(0, within**-0.5, (rank, within)).astype(np.float32)
            up = rng.normal(0, STRENGTH * rank**-0.5, (out, rank)).astype(np.float32)
            weights[f"base_model.model.{name}.lora_A.weight"] = down
            weights[f"base_model.model.{name}.lora_B.weight"] = up
        adapter = folder / f"trial-{number}"
        adapter.mkdir()
        save_file(weights, adapter / "adapter_model.safetensors")
        (adapter / "adapter_config.json").write_text(_config(layers, rank), "utf-8")
        adapters.append(adapter)
    return tuple(adapters)


def adapted_layers(base: Path) -> list[str]:
    """The last names of the layers that adapters are on; never the head, which some engines would
    wrap as well."""
    return sorted({name.split(".")[-1] for name, _ in _linear_layers(base)})


def _linear_layers(base: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """Names of modules and the shapes (out, in) of their weights."""
    for file in sorted(base.glob("*.safetensors")):
        with safe_open(file, framework="numpy") as weights:
            for name in weights.keys():  # noqa: SIM118  it is no dict
                module = name.removesuffix(".weight")
                parts = module.split(".")
                if module == name or parts[-1] not in LINEAR or set(parts) & set(NOT_TEXT):
                    continue
                out, within = weights.get_slice(name).get_shape()
                yield module, (out, within)


def _config(layers: list[tuple[str, tuple[int, int]]], rank: int) -> str:
    return json.dumps(
        {
            "peft_type": "LORA",
            "task_type": "CAUSAL_LM",
            "r": rank,
            "lora_alpha": rank,
            "lora_dropout": 0.0,
            "bias": "none",
            "target_modules": sorted({name.split(".")[-1] for name, _ in layers}),
        }
    )
