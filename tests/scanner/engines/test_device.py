import pytest
import torch

from scanner.engines.device import device_errors
from scanner.errors import AuditError


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nGPU 0 has 24 GiB."),
        RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable"),
        RuntimeError(),
    ],
)
def test_a_gpu_that_is_full_or_in_use_is_one_line(error: RuntimeError) -> None:
    with pytest.raises(AuditError) as raised, device_errors():
        raise error
    said = str(raised.value)
    assert said.startswith("the base on the GPU: found that it cannot go on (")
    assert (str(error).split("\n")[0] or "RuntimeError") in said
    assert "\n" not in said
    assert "CUDA_VISIBLE_DEVICES=" in said


def test_what_is_no_fault_of_the_device_stays_what_it_is() -> None:
    with pytest.raises(ValueError, match="ours"), device_errors():
        raise ValueError("ours")
