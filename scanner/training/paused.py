"""What a training that goes on later needs beside its adapter: how far it came, and AdamW's state.

It lies in the adapter's own folder, where engines do not look at it.
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

STATE = "optimizer.safetensors"
MOMENTS = ("exp_avg", "exp_avg_sq")
"""As AdamW names them."""


def save_state(optimizer: torch.optim.Optimizer, copy: int, folder: Path) -> None:
    """One copy's moments; weights have the copy as first dimension."""
    state = optimizer.state_dict()["state"]
    moments = {
        f"{place}.{name}": of_weight[name][copy].contiguous()
        for place, of_weight in state.items()
        for name in MOMENTS
    }
    save_file(moments, folder / STATE)


def restore_state(optimizer: torch.optim.Optimizer, updates: int, folders: Sequence[Path]) -> None:
    """The moments of all copies, after so many updates, from one folder each."""
    loaded = [load_file(folder / STATE) for folder in folders]
    [group] = optimizer.param_groups
    places = range(len(group["params"]))
    state: dict[int, dict[str, Tensor]] = {
        place: {
            "step": torch.tensor(float(updates)),
            **{name: torch.stack([copy[f"{place}.{name}"] for copy in loaded]) for name in MOMENTS},
        }
        for place in places
    }
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
