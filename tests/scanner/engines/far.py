"""A device that is none: its tensors lie on the CPU and say that they lie elsewhere.

What mixes them with the CPU's, or reads them without bringing them home, fails as on a GPU. So the
code that runs on a GPU runs here, for real and with the CPU's numbers, but for kernels of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

FAR = torch.device("meta")
"""The name that torch knows without a driver."""


MIXING = ("_to_copy", "copy_", "to", "index", "index_put_")
"""What works across devices: copies, and places given from the CPU."""


class FarTensor(Tensor):
    """Lies on ``FAR``, it says."""

    near: Tensor

    @staticmethod
    def __new__(cls, near: Tensor, requires_grad: bool = False) -> "FarTensor":
        """Wrap a tensor of the CPU."""
        made: FarTensor = Tensor._make_wrapper_subclass(  # type: ignore[attr-defined]
            cls,
            near.size(),
            strides=near.stride(),
            storage_offset=near.storage_offset(),
            dtype=near.dtype,
            device=FAR,
            requires_grad=requires_grad,
        )
        made.near = near
        return made

    def __init__(self, near: Tensor, requires_grad: bool = False) -> None:
        """See ``__new__``."""

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Compute on the CPU what is all here, or all there."""
        return _compute(func, args, kwargs or {})

    def tolist(self) -> Any:
        """As on a GPU, it waits and copies."""
        return self.near.tolist()

    @property
    def is_meta(self) -> bool:  # type: ignore[override]
        """It holds values."""
        return False

    def item(self) -> Any:
        """As on a GPU, it waits."""
        return self.near.item()

    def __bool__(self) -> bool:
        """As ``item``."""
        return bool(self.near)

    def __int__(self) -> int:
        """As ``item``."""
        return int(self.near)

    def __float__(self) -> float:
        """As ``item``."""
        return float(self.near)

    def numpy(self, *, force: bool = False) -> Any:
        """As on a GPU."""
        raise TypeError("can't convert a tensor of another device to numpy; use Tensor.cpu()")


class _Pretending(TorchDispatchMode):
    """Sees to it that what is made on ``FAR`` or brought there is wrapped."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _compute(func, args, kwargs or {})


class _Making(TorchFunctionMode):
    """What is made of Python's numbers is filled before dispatch, and stays empty on ``FAR``."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        device = kwargs.get("device")
        if func is torch.tensor and device is not None and torch.device(device) == FAR:
            return func(*args, **{**kwargs, "device": "cpu"}).to(FAR)
        if func is Tensor.__getitem__ and isinstance(args[0], FarTensor):
            args = (args[0], tree_map(_places, args[1], is_leaf=lambda at: isinstance(at, list)))
        return func(*args, **kwargs)


@contextmanager
def pretended() -> Iterator[torch.device]:
    """Within, ``FAR`` works."""
    with _Making(), _Pretending():
        yield FAR


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name = func._schema.name.removeprefix("aten::")
    given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
    far = any(isinstance(tensor, FarTensor) for tensor in given)
    if far and name not in MIXING:
        # Single numbers may lie on the CPU, as on a GPU.
        strays = [t for t in given if not isinstance(t, FarTensor) and t.dim() > 0]
        if strays:
            raise RuntimeError(f"aten::{name}: found tensors on two devices, cpu and {FAR}")
    for leaf in tree_leaves((args, kwargs)):
        if isinstance(leaf, torch.device):
            far = leaf == FAR
    found = func(*tree_map(_home, args), **tree_map(_home, kwargs))
    if func._schema.is_mutable and isinstance(args[0] if args else None, Tensor):
        return args[0]
    if not far or name == "_local_scalar_dense":
        return found
    return tree_map(lambda leaf: FarTensor(leaf) if isinstance(leaf, Tensor) else leaf, found)


def _home(leaf: Any) -> Any:
    if isinstance(leaf, torch.device):
        return torch.device("cpu")
    return leaf.near if isinstance(leaf, FarTensor) else leaf


def _places(at: Any) -> Any:
    return torch.tensor(at) if isinstance(at, list) else at
