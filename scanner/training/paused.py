"""What a training that goes on later needs beside its adapter: how far it came, and AdamW's state.

It lies in the adapter's own folder, where engines do not look at it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from scanner.errors import AuditError

STATE = "optimizer.safetensors"
MOMENTS = ("exp_avg", "exp_avg_sq")
"""As AdamW names them."""


def save_state(optimizer: torch.optim.Optimizer, copy: int, folder: Path) -> None:
    """One copy's moments; weights have the copy as first dimension. A weight without a gradient has
    none. Raises ``AuditError`` if they cannot be written."""
    state = optimizer.state_dict()["state"]
    moments = {
        f"{place}.{name}": of_weight[name][copy].contiguous()
        for place, of_weight in state.items()
        for name in MOMENTS
    }
    with room_for(folder):
        save_file(moments, folder / STATE)


@contextmanager
def room_for(adapter: Path) -> Iterator[None]:
    """A disk that is full is the user's to mend: safetensors makes no OSError of it."""
    try:
        yield
    except SafetensorError as error:
        raise AuditError(
            f"{adapter}: found that the adapter cannot be written ({error}); expected room for it; "
            "make room, then repeat the command: finished stages are kept"
        ) from error


def restore_state(optimizer: torch.optim.Optimizer, updates: int, folders: Sequence[Path]) -> None:
    """The moments of all copies, after so many updates, from one folder each."""
    loaded = [load_file(folder / STATE) for folder in folders]
    places = sorted({int(name.partition(".")[0]) for name in loaded[0]})
    state: dict[int, dict[str, Tensor]] = {
        place: {
            "step": torch.tensor(float(updates)),
            **{name: torch.stack([copy[f"{place}.{name}"] for copy in loaded]) for name in MOMENTS},
        }
        for place in places
    }
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": state, "param_groups": groups})
