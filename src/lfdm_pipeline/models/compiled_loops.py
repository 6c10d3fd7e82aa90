"""Where a network's layers are computed by the loops of `lfdm_pipeline.kernels`."""

from functools import cache

import torch
from torch import Tensor


def has_compiled_loops(x: Tensor) -> bool:
    """Whether loops compute what is made of a tensor.

    They do so on a CPU and in fp32. Doubles are left to torch, and whole networks that are compiled to its compiler.
    """
    return x.device.type == "cpu" and x.dtype != torch.double and not torch.compiler.is_compiling() and _has_threads()


def has_compiled_convolutions(x: Tensor) -> bool:
    """Whether loops may convolve a tensor: as `has_compiled_loops`, and where nobody asked for half precision."""
    return has_compiled_loops(x) and x.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")


def check_shapes(**found: tuple[Tensor, tuple[int, ...]]) -> None:
    """Raise a ValueError where a tensor is not of its shape: a loop would read and write beyond its memory."""
    for name, (tensor, shape) in found.items():
        if tensor.shape != shape:
            raise ValueError(f"{name} is {tuple(tensor.shape)}, expected {shape}")


@cache
def _has_threads() -> bool:
    from lfdm_pipeline.kernels.threads import has_threads

    return has_threads()
